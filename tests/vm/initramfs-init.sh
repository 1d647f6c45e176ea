#!/bin/busybox sh
# The guest's first program: mounts the host's root over 9p and continues there.
/bin/busybox --install -s /bin
export PATH=/bin
mkdir -p /proc /sys /dev /root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in $(cat /modules/order); do insmod "$module"; done
for word in $(cat /proc/cmdline); do
    case $word in segcam.init=*) init=${word#segcam.init=} ;; esac
done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro root /root || exec sh
for folder in proc sys dev; do mount --move /$folder /root/$folder; done
exec switch_root /root "$init"

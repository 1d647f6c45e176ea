#!/bin/bash
# The guest's process 1. Its root is the host's, read-only. Files that are written to the folders below
# stay in the guest's memory; only files in /mnt, the run's own folder, reach the host.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/run/home
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
for folder in tmp root var etc home; do
    mkdir -p /run/overlay/$folder/{upper,work}
    options=lowerdir=/$folder,upperdir=/run/overlay/$folder/upper,workdir=/run/overlay/$folder/work
    mount -t overlay -o "$options" overlay /$folder
done
mkdir -p /run/home /run/lock
mkdir -p /run/systemd/{seats,sessions,users,machines} # WirePlumber ends if it cannot watch them
chmod 1777 /run/lock /dev/shm
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none out /mnt
ip link set lo up 2>/dev/null || ifconfig lo up
echo "guest up after $(cut -d' ' -f1 /proc/uptime) s, Linux $(uname -r)"
setsid bash /mnt/command </dev/null
echo $? >/mnt/status
sync
echo o >/proc/sysrq-trigger
while :; do :; done # process 1 must not end before the power is off

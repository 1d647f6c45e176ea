# Against a real kernel in a virtual machine, see tests/vm/boot.py.
VM_PACKAGES = qemu-system-x86 busybox-static cpio kmod make gcc-12 v4l-utils
VM_CLIENTS = ffmpeg gstreamer1.0-tools gstreamer1.0-plugins-good chromium-headless-shell
VM_APT = [ "$$(id -u)" != 0 ] || { apt-get update -qq && apt-get install -qq -y --no-install-recommends
VM_PYTEST = $(BIN)/python -m pytest --color=no -p no:cacheprovider

.PHONY: test-vm test-vm-all
test-vm: $(VENV)/.dev $(VENV)/.models  ## Webcam and virtual camera in a virtual machine.
	@command -v qemu-system-x86_64 >/dev/null || $(VM_APT) $(VM_PACKAGES); }
	$(BIN)/python tests/vm/boot.py 0.12.7 $(VM_PYTEST) tests/vm/test_webcam.py \
		tests/vm/test_virtual_camera.py tests/vm/test_daemon.py

test-vm-all: $(VENV)/.dev $(VENV)/.models  ## The same on every v4l2loopback, with every client.
	@$(VM_APT) $(VM_PACKAGES) $(VM_CLIENTS); }
	for version in 0.12.7 0.13.2 0.15.0; do \
		$(BIN)/python tests/vm/boot.py $$version $(VM_PYTEST) tests/vm || exit 1; done

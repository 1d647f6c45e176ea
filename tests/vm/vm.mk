# The tests against a real kernel: make test-vm (one version, three minutes), make test-vm-all.
VM_PACKAGES = qemu-system-x86 busybox-static cpio kmod make gcc-12 v4l-utils
VM_CLIENTS = ffmpeg gstreamer1.0-tools gstreamer1.0-plugins-good chromium-headless-shell
VM_PYTEST = $(CURDIR)/.venv/bin/python -m pytest -p no:cacheprovider
VM_BOOT = .venv/bin/python tests/vm/boot.py
VM_APT = test $$(id -u) != 0 || apt-get install -qq -y --no-install-recommends

.PHONY: test-vm test-vm-all
test-vm: $(VENV)/.dev
	@command -v qemu-system-x86_64 >/dev/null || ($(VM_APT) $(VM_PACKAGES))
	$(VM_BOOT) 0.12.7 $(VM_PYTEST) tests/vm/test_webcam.py tests/vm/test_virtual_camera.py tests/vm/test_daemon.py

test-vm-all: $(VENV)/.dev
	$(VM_APT) $(VM_PACKAGES) $(VM_CLIENTS)
	for version in 0.12.7 0.13.2 0.15.0; do $(VM_BOOT) $$version $(VM_PYTEST) tests/vm || exit; done

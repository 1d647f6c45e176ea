# Against a real kernel in a virtual machine, see tests/vm/boot.py.
VM_PACKAGES = qemu-system-x86 busybox-static cpio kmod make gcc-12 v4l-utils
VM_CLIENTS = ffmpeg gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
	gstreamer1.0-pipewire pipewire pipewire-bin wireplumber dbus chromium-headless-shell
VM_VERSIONS = 0.12.7 0.13.2 0.15.0
VM_PYTEST = $(BIN)/python -m pytest --color=no -p no:cacheprovider

# $(call apt_if_missing,packages): as root on a Debian, install what is missing; others are told by
# the tests.
apt_if_missing = @! command -v apt-get >/dev/null || [ "$$(id -u)" != 0 ] || \
	dpkg -s $(1) >/dev/null 2>&1 || { \
	apt-get update -qq && apt-get install -qq -y --no-install-recommends $(1); }

.PHONY: test-vm-quick test-vm test-vm-all
test-vm-quick: $(VENV)/.dev $(VENV)/.models  ## The main way in a virtual machine, in a minute.
	-$(call apt_if_missing,$(VM_PACKAGES))
	$(BIN)/python tests/vm/quick.py

test-vm: $(VENV)/.dev $(VENV)/.models  ## Webcam and virtual camera in a virtual machine.
	$(call apt_if_missing,$(VM_PACKAGES))
	$(BIN)/python tests/vm/boot.py 0.12.7 $(VM_PYTEST) tests/vm/test_webcam.py \
		tests/vm/test_virtual_camera.py tests/vm/test_daemon.py

test-vm-all: $(VENV)/.dev $(VENV)/.models  ## The same on every v4l2loopback, with every client.
	$(call apt_if_missing,$(VM_PACKAGES) $(VM_CLIENTS))
	@for version in $(VM_VERSIONS); do echo "v4l2loopback $$version"; \
		$(BIN)/python tests/vm/boot.py $$version $(VM_PYTEST) tests/vm || failed="$$failed $$version"; \
	done; [ -z "$$failed" ] || { echo "failed on$$failed" >&2; exit 1; }

# Tests with a real kernel in a virtual machine: see tests/vm/boot.py.
VM_PACKAGES = qemu-system-x86 busybox-static cpio kmod make gcc-12 v4l-utils
VM_CLIENTS = ffmpeg gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
	gstreamer1.0-pipewire pipewire pipewire-bin wireplumber dbus chromium-headless-shell
VM_VERSIONS = 0.12.7 0.13.2 0.15.0
VM_PYTEST = $(BIN)/python -m pytest --color=no -p no:cacheprovider

# $(call apt_if_missing,packages): as root on Debian, install what is missing. For others, the tests say
# what is missing.
apt_if_missing = @! command -v apt-get >/dev/null || [ "$$(id -u)" != 0 ] || \
	dpkg -s $(1) >/dev/null 2>&1 || { \
	apt-get update -qq && apt-get install -qq -y --no-install-recommends $(1); }

# $(call on_each_version,tests): run them in a guest for each version, also after one has failed.
on_each_version = @for version in $(VM_VERSIONS); do echo "v4l2loopback $$version"; \
	$(BIN)/python tests/vm/boot.py $$version $(VM_PYTEST) $(1) || failed="$$failed $$version"; \
	done; [ -z "$$failed" ] || { echo "failed on$$failed" >&2; exit 1; }

.PHONY: test-vm-quick test-vm test-vm-all
test-vm-quick: $(VENV)/.dev $(VENV)/.models  ## The usual path in a virtual machine, in a minute.
	-$(call apt_if_missing,$(VM_PACKAGES))
	$(BIN)/python tests/vm/quick.py

test-vm: $(VENV)/.dev $(VENV)/.models  ## Webcam, virtual camera and clients on every v4l2loopback.
	$(call apt_if_missing,$(VM_PACKAGES) $(VM_CLIENTS))
	$(call on_each_version,$(addprefix tests/vm/test_,webcam.py virtual_camera.py clients.py daemon.py))

test-vm-all: $(VENV)/.dev $(VENV)/.models  ## The same, and everything else that needs a guest.
	$(call apt_if_missing,$(VM_PACKAGES) $(VM_CLIENTS))
	$(call on_each_version,tests/vm)

# Against a real kernel in a virtual machine, see tests/vm/boot.py.
VM_PACKAGES = qemu-system-x86 busybox-static cpio kmod make gcc-12 v4l-utils
VM_ASKS = qemu-system-x86_64 busybox cpio depmod gcc-12 v4l2-ctl
VM_CLIENTS = ffmpeg gstreamer1.0-tools gstreamer1.0-plugins-good chromium-headless-shell
VM_CLIENT_ASKS = ffmpeg gst-launch-1.0 chromium-headless-shell
VM_VERSIONS = 0.12.7 0.13.2 0.15.0
VM_PYTEST = $(BIN)/python -m pytest --color=no -p no:cacheprovider

# $(call apt_if_missing,programs,packages): as root on a Debian, install what is missing; others
# are told by the tests.
apt_if_missing = @for program in $(1); do command -v $$program >/dev/null || absent=1; done; \
	[ -z "$$absent" ] || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || { \
	apt-get update -qq && apt-get install -qq -y --no-install-recommends $(2); }

.PHONY: test-vm test-vm-all
test-vm: $(VENV)/.dev $(VENV)/.models  ## Webcam and virtual camera in a virtual machine.
	$(call apt_if_missing,$(VM_ASKS),$(VM_PACKAGES))
	$(BIN)/python tests/vm/boot.py 0.12.7 $(VM_PYTEST) tests/vm/test_webcam.py \
		tests/vm/test_virtual_camera.py tests/vm/test_daemon.py

test-vm-all: $(VENV)/.dev $(VENV)/.models  ## The same on every v4l2loopback, with every client.
	$(call apt_if_missing,$(VM_ASKS) $(VM_CLIENT_ASKS),$(VM_PACKAGES) $(VM_CLIENTS))
	@for version in $(VM_VERSIONS); do echo "v4l2loopback $$version"; \
		$(BIN)/python tests/vm/boot.py $$version $(VM_PYTEST) tests/vm || failed="$$failed $$version"; \
	done; [ -z "$$failed" ] || { echo "failed on$$failed" >&2; exit 1; }

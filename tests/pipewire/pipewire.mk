# Against PipeWire in a session of its own, see tests/pipewire/conftest.py.
PIPEWIRE_PACKAGES = pipewire pipewire-bin wireplumber dbus gstreamer1.0-pipewire gstreamer1.0-tools

.PHONY: test-pipewire
test-pipewire: $(VENV)/.dev  ## The PipeWire camera, watched by GStreamer.
	@command -v wireplumber gst-launch-1.0 >/dev/null || [ "$$(id -u)" != 0 ] || { \
		apt-get update -qq && apt-get install -qq -y --no-install-recommends $(PIPEWIRE_PACKAGES); }
	$(BIN)/pytest tests/pipewire

# Against PipeWire in a session of its own, see tests/pipewire/conftest.py.
PIPEWIRE_PACKAGES = pipewire pipewire-bin wireplumber dbus gstreamer1.0-pipewire gstreamer1.0-tools
PIPEWIRE_BROWSERS = chromium firefox-esr xdg-desktop-portal xdg-desktop-portal-gtk xvfb
PIPEWIRE_ASKS = wireplumber gst-launch-1.0 chromium firefox-esr Xvfb

# As root on a Debian, what is missing is installed; others skip what they cannot run, and why.
.PHONY: test-pipewire
test-pipewire: $(VENV)/.dev  ## The PipeWire camera, watched by GStreamer, Chromium and Firefox.
	@for program in $(PIPEWIRE_ASKS); do command -v $$program >/dev/null || absent=1; done; \
		[ -z "$$absent" ] || [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || { \
		apt-get update -qq && apt-get install -qq -y --no-install-recommends \
		$(PIPEWIRE_PACKAGES) $(PIPEWIRE_BROWSERS); }
	$(BIN)/pytest -rP tests/pipewire

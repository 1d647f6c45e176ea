# The PipeWire camera in a session of its own: make test-pipewire (10 seconds).
PIPEWIRE_PACKAGES = pipewire pipewire-bin wireplumber dbus gstreamer1.0-pipewire gstreamer1.0-tools

.PHONY: test-pipewire
test-pipewire: setup
	@command -v wireplumber gst-launch-1.0 >/dev/null || test $$(id -u) != 0 || \
	    apt-get install -qq -y --no-install-recommends $(PIPEWIRE_PACKAGES)
	.venv/bin/python -m pytest tests/pipewire

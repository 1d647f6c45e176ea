# Tests with PipeWire in its own session: see tests/pipewire/conftest.py.
PIPEWIRE_PACKAGES = pipewire pipewire-bin wireplumber dbus gstreamer1.0-pipewire \
	gstreamer1.0-tools chromium firefox-esr xdg-desktop-portal xdg-desktop-portal-gtk xvfb xdotool

.PHONY: test-pipewire
test-pipewire: $(VENV)/.dev  ## The PipeWire camera, watched by GStreamer, Chromium and Firefox.
	$(call apt_if_missing,$(PIPEWIRE_PACKAGES))
	$(BIN)/pytest -rP tests/pipewire

.PHONY: browser-pictures
browser-pictures: $(VENV)/.dev $(VENV)/.models  ## Make the pictures of choosing SegCam in browsers, in docs/images.
	$(call apt_if_missing,$(PIPEWIRE_PACKAGES) imagemagick)
	$(BIN)/python tests/watching/screenshots.py docs/images

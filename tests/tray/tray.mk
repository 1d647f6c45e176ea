# The tray icon in real panels under Xvfb: trayer embeds windows, xfce4-panel finds icons on the bus.
TRAY_PACKAGES = xvfb xdotool dbus pipewire openbox trayer xfce4-panel xfconf fonts-dejavu-core

.PHONY: test-tray
test-tray: $(VENV)/.dev $(VENV)/.models  ## The tray icon in real panels.
	$(call apt_if_missing,$(TRAY_PACKAGES))
	$(BIN)/pytest tests/tray

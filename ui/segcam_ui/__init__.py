"""The desktop program (tray icon and window), a client of the running SegCam."""

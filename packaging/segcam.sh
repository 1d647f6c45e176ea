#!/bin/sh
# Starts SegCam with the Python beside this script, or the system's. Until SegCam listens, a Ctrl-C is
# kept for it: Python alone would answer one with a traceback while it starts.
program=$0
[ ! -L "$program" ] || program=$(readlink -f "$program")
python=${program%/*}/python3
[ -x "$python" ] || python=python3
if env --block-signal=INT true 2>/dev/null; then
	exec env --block-signal=INT "$python" -P -m segcam "$@"
fi
exec "$python" -P -m segcam "$@"

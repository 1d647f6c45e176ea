#!/bin/sh
# Starts SegCam with the Python beside this script, or the system's. Until SegCam listens, a Ctrl-C and a
# SIGUSR1 are kept for it: Python alone would answer with a traceback, or end.
program=$0
[ ! -L "$program" ] || program=$(readlink -f "$program")
python=${program%/*}/python3
[ -x "$python" ] || python=python3
if env --block-signal=INT --block-signal=USR1 true 2>/dev/null; then
	exec env --block-signal=INT --block-signal=USR1 "$python" -P -m segcam "$@"
fi
exec "$python" -P -m segcam "$@"

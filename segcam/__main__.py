"""``python -m segcam`` is ``segcam``."""

from segcam.cli.main import main

main()

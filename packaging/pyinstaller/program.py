"""What the frozen program starts with."""

from segcam.cli.main import main

main()

"""The entry point of the frozen program."""

from segcam.cli.main import main

main()

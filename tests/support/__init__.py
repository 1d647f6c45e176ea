"""What tests of several folders share: waiting, doubles, processes, the segcam program."""

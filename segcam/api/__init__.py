"""How clients talk to the running SegCam; imports nothing of the engine."""

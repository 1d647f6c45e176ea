"""How clients speak to the running SegCam; imports nothing of the engine."""

"""Thousands of random inputs, to which SegCam must answer with a result or a clear error."""

"""Frame and matte become the picture that is sent."""

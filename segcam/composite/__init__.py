"""Makes the sent picture from frame and matte."""

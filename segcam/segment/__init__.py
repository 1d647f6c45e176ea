"""A frame becomes a matte: the model, run by a backend."""

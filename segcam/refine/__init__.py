"""A small matte becomes a full-size one with sharp, calm edges."""

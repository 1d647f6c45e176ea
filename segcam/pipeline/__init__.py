"""The stages, assembled."""

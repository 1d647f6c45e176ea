"""Training data: real pictures of people, and people composited into other rooms."""

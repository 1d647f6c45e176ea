"""Training data: real pictures of people, and people cut out and set into other rooms."""

"""Published models: their cards, how to get, verify and convert them."""

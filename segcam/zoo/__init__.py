"""Published models: their cards, download, verification and conversion."""

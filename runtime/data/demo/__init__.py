"""Image sets that are drawn here."""

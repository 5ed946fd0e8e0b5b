"""Whether the limit is inviolable, and when not."""

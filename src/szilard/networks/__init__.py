"""Networks with an energy, and what running and training them costs."""

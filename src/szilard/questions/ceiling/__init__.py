"""What sets the maximum cost of learning."""

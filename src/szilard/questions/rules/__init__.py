"""What each learning algorithm contributes to the cost."""

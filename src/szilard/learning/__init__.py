"""Neurons that learn: tasks, rules, training and the budget of what it costs."""

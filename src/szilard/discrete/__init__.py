"""Markov jump processes: definition, exact solution, trajectories, counting statistics."""

from .channel import Channel as Channel
from .process import JumpProcess as JumpProcess

"""The only compiled code: lanes are trajectories, random numbers are counters, floating point is strict."""

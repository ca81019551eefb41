"""Decide what to launch next, launch it and store its samples; measure the peak and the cost of containers."""

"""Compare commands of any kind: launch them in turns, and tell which is faster."""

"""Check a run: recompute its figures from its samples, its inputs from their seed, and the hashes of its files."""

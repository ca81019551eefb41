"""Try one file of a user's own: check it, measure it, and say where it stands among the rungs of its language."""

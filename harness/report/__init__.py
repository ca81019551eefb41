"""The HTML report: one file, offline, made from the rows and the facts of a run."""

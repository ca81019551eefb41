"""The HTML report: one file, offline, made from the rows and the record of a run."""

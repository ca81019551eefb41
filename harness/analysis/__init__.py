"""Samples into results: estimates, intervals, findings, comparisons. Pure: no clock, no files but the run folder."""

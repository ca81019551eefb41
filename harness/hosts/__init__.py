"""Run the same measurement on many hosts, collect and check the runs, and compare what they cost."""

"""Write the HTML report: one file that works offline, from the rows and the record of a run."""

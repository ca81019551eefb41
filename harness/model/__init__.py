"""Define the frozen records that rooms pass to each other, with units in their names. Imports no other room."""

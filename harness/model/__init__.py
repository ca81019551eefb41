"""The records that rooms hand to each other: frozen, plain, with units in their names. Imports no other room."""

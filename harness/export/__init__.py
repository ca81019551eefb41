"""Results in the formats that other tools read, a module a format."""

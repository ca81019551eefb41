"""Find out why a kernel takes the time that it takes."""

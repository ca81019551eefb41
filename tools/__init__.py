"""What the project runs on itself: the figures of its own pages."""

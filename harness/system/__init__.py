"""What this machine is and does: its processors, its noise, its memory pages, and the lock that keeps one run on it."""

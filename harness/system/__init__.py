"""Read what this machine is and does, set its memory pages, and lock it for one run."""

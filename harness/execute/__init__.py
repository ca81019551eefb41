"""Where processes run: on this machine or in containers, under the launcher."""

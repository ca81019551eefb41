"""Run processes under the launcher, on this machine or in containers."""

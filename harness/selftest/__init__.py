"""Experiments that measure the measuring: how small a difference is found, and how often one is found that is not."""

"""Measure the harness itself: its false alarms, the smallest difference that it detects, the error of its estimates."""

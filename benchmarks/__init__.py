"""Figures of speed, each a ratio against something run beside it: `python -m benchmarks`, or `make bench`."""

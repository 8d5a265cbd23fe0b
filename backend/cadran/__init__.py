"""Cadran: four dashboards, thirteen KPIs, for a B2B sales force."""

__version__ = "0.1.0"

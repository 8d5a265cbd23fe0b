"""Checks on data that lean on a library each: nothing here knows the database or HTTP."""

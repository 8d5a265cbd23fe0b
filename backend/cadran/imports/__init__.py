"""Bulk import: one file of one resource, checked whole, written at once."""

from cadran.imports.load import Outcome, import_file

__all__ = ["Outcome", "import_file"]

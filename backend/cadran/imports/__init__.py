"""Bulk import: one file of one resource, checked whole, written at once."""

from cadran.imports.load import import_file
from cadran.imports.shapes import Outcome

__all__ = ["Outcome", "import_file"]

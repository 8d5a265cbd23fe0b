"""What the import reads and what it says."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass
class Outcome:
    """``errors``: line, column, value and reason of each refusal. ``accepted``: something was, or would be, written."""

    resource: str
    dry_run: bool
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    format: dict[str, str] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)
    accepted: bool = True


@dataclass
class Record:
    """One document, or one row: where it stands in the file, and its values as read."""

    lines: list[int]
    values: dict[str, Any] = field(default_factory=dict)
    children: list[dict[str, Any]] = field(default_factory=list)
    child_lines: list[int] = field(default_factory=list)
    failed: bool = False


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True

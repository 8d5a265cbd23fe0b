"""The command line: ``cadran serve | migrate | init | demo | import | kpi | user | key | backup | restore``."""

from cadran.cli.main import main

__all__ = ["main"]

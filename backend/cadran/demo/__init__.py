"""The demo company: a made-up French industrial distributor, the same for a same day, labelled as generated."""

from cadran.demo.company import generate
from cadran.demo.loading import PASSWORD, Account, Accounts, CompanyExists, load

__all__ = ["PASSWORD", "Account", "Accounts", "CompanyExists", "generate", "load"]

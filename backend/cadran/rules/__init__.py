"""Business rules as pure functions: standard library only."""

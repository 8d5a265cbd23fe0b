"""The thirteen KPIs as pure functions of facts: standard library only."""

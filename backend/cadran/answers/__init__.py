"""A question about a KPI, and its answer: the windows to ask the facts for, their values, the targets beside them."""

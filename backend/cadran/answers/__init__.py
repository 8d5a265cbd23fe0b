"""A question about a KPI, and its answer: which windows to ask the facts for, what they evaluate to, against which targets."""

"""Webhooks: from the change log and the KPIs to signed messages, sent in order and again until they arrive."""

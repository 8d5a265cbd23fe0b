"""Alembic migrations, run by ``cadran migrate``."""

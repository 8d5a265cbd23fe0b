"""The schema goes up, down and up again, and is what the models say."""

import asyncio
from typing import Any

import pytest
from alembic import command
from alembic.config import Config

from databases import ROOT, clone, drop, named


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")  # SQLAlchemy does not reflect it
def test_up_down_up_and_no_difference(server_url: str) -> None:
    url = asyncio.run(clone(server_url))
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    try:
        steps: tuple[tuple[Any, str], ...] = (
            (command.downgrade, "base"),
            (command.upgrade, "head"),
            (command.downgrade, "base"),
            (command.upgrade, "head"),
        )
        for step, revision in steps:
            step(config, revision)
        command.check(config)
    finally:
        asyncio.run(drop(named(url, url.rsplit("/", 1)[-1].split("?")[0])))

"""Which records a KPI is made of is told right: no KPI reads a table whose change would not name it."""

import re

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from cadran.metrics.catalogue import KPIS
from cadran.models import LOGGED
from cadran.queries.reads import kpis_reading
from cadran.resources.entries import BY_TABLE, SHOWN
from cadran.resources.watch import ALL, BESIDE
from following import Office


async def test_a_change_of_what_a_kpi_reads_names_it(office: Office) -> None:
    assert isinstance(office.database.bind, AsyncEngine)
    statements: list[str] = []

    def listen(*given: object) -> None:
        statements.append(str(given[2]))

    logged = {model.__tablename__ for model in LOGGED}
    told = {table: resource.name for table, resource in BY_TABLE.items()} | BESIDE
    told |= {shown.table: shown.resource for shown in SHOWN if shown.table not in told}
    client, seen = office.as_user("admin"), 0
    event.listen(office.database.bind.sync_engine, "before_cursor_execute", listen)
    for kpi in KPIS:
        statements.clear()
        for question in ("", "&as_of=2026-11-01", "&group_by=rep"):
            answer = await client.get(f"/kpi/{kpi.name}?period=2026-10{question}")
            assert answer.status_code in (200, 422), answer.text  # not every KPI is told by rep
        tables = set(re.findall(r"(?:FROM|JOIN) (\w+)", " ".join(statements))) & logged
        for table in tables:
            named = {each.name for each in kpis_reading(frozenset({told[table]}))}
            assert kpi.name in named, f"{kpi.name} reads {table}"
        seen += len(tables)
    assert seen > 80
    # And a KPI is not named by everything.
    assert len(kpis_reading(frozenset({"tasks"}))) == 0
    assert 0 < len(kpis_reading(frozenset({"orders"}))) < len(KPIS)
    assert kpis_reading(ALL) == list(KPIS)

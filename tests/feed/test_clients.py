"""The clients generated from openapi.yaml read, write and are refused by a real server."""

import asyncio
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from databases import ROOT
from following import Office, Serving, key

PYTHON = ROOT / "clients/python"
TYPESCRIPT = ROOT / "clients/typescript/dist/demo.mjs"
made = pytest.mark.skipif(not (PYTHON.exists() and TYPESCRIPT.exists()), reason="not generated: `make clients`")

# Run by a Python of its own, as an integrator would: of Cadran it knows the generated package only.
PROGRAM = """
import json, os
from cadran_client import AuthenticatedClient
from cadran_client.api.customers import list_customers
from cadran_client.api.kpi import get_kpi
from cadran_client.api.quotes import create_quote
from cadran_client.models import QuoteCreate, PricedLineCreate

with AuthenticatedClient(base_url=os.environ["CADRAN_URL"], token=os.environ["CADRAN_KEY"]) as client:
    customers = list_customers.sync(client=client, limit=5, sort="name")
    kpi = get_kpi.sync("ordered_amount", client=client, period="2026")
    line = PricedLineCreate(description="Roulement", quantity="2", unit_price="10.50")
    quote = create_quote.sync(client=client, body=QuoteCreate(customer_id=customers.items[0].id, lines=[line]))
    refused = create_quote.sync_detailed(client=client, body=QuoteCreate(customer_id=quote.id))
    print(json.dumps({
        "names": [one.name for one in customers.items], "value": kpi.value, "amount": quote.net_amount,
        "status": refused.status_code, "problem": json.loads(refused.content)["code"],
    }))
"""


async def said(command: list[str], serving: Serving, secret: str, **more: str) -> Any:
    environment = {"PATH": os.environ["PATH"], "CADRAN_URL": serving.address, "CADRAN_KEY": secret, **more}
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False, env=environment, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@made
async def test_both_clients_say_what_the_api_says(office: Office, serving: Serving) -> None:
    customer = await office.make("customers", name="Acier Durand")
    line = {"description": "Roulement", "quantity": "1", "unit_price": "123.45"}
    await office.make("orders", customer_id=customer["id"], confirmed_on="2026-03-02", lines=[line])
    scopes = "customers:read", "kpi:read", "quotes:write"
    secret = (await key(office, "admin", *scopes))["authorization"].removeprefix("Bearer ")
    python = await said([sys.executable, "-c", PROGRAM], serving, secret, PYTHONPATH=str(PYTHON))
    assert python == {
        "names": ["Acier Durand"], "value": "123.45", "amount": "21.00", "status": 422, "problem": "validation",
    }  # fmt: skip
    typescript = await said(["node", str(TYPESCRIPT)], serving, secret)
    assert typescript == {"names": ["Acier Durand"], "value": "123.45", "status": 422}

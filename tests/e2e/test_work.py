"""What one does beside looking: a report without network, a quote made an order, a file taken in, news at once."""

import re
from pathlib import Path

from playwright.async_api import expect

from browsing import PHONE, Opened

ROWS, BAD = 5_000, (7, 8, 9)


async def test_a_visit_report_without_network_leaves_once(opened: Opened) -> None:
    seen = await opened("rep", "report", size=PHONE, has_touch=True, quiet=False)
    page = seen.page
    name = await page.locator(".choices a b").first.inner_text()
    await page.locator(".choices a").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)
    visit = re.search(r"visit=([0-9a-f-]+)", page.url)
    assert visit is not None
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.locator(".field-error")).to_have_text("Écrivez au moins une phrase.")
    await page.locator("[name=summary]").fill("Vu le chef d’atelier, il attend le devis.")
    await page.reload()
    await expect(page.locator("[name=summary]")).to_have_value("Vu le chef d’atelier, il attend le devis.")

    await page.context.set_offline(True)
    await page.get_by_role("button", name="Envoyer").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Compte rendu gardé : {name}")
    await page.get_by_role("button", name="Un autre").click()
    await expect(page.locator(".waits b")).to_have_text(name)
    await page.context.set_offline(False)
    await expect(page.locator(".waits")).to_have_count(0)
    reports = await seen.asked(f"/visit-reports?visit_id={visit[1]}")
    assert [report["summary"] for report in reports["items"]] == ["Vu le chef d’atelier, il attend le devis."]
    assert (await seen.asked(f"/visits/{visit[1]}"))["status"] == "held"


async def test_a_quote_with_lines_becomes_an_order(opened: Opened) -> None:
    seen = await opened("rep", "records/quotes/new")
    page = seen.page
    customer = (await seen.asked("/customers?limit=1&sort=name"))["items"][0]
    await page.goto(f"{seen.url}/app/records/quotes/new?customer_id={customer['id']}")
    await seen.settled()
    await page.get_by_role("button", name="Ajouter une ligne").click()
    for name, value in (("description", "Roulement 6204"), ("quantity", "4"), ("unit_price", "12,50")):
        await page.locator(f"fieldset [name={name}]").fill(value)
    await page.get_by_role("button", name="Enregistrer").click()
    await page.wait_for_url(re.compile(r"/records/quotes/[0-9a-f-]{36}$"))
    key = page.url.rsplit("/", 1)[-1]
    assert (await seen.asked(f"/quotes/{key}"))["net_amount"] == "50.00"
    await page.locator(".record-head").get_by_role("button", name="Transformer en commande").click()
    await page.get_by_role("dialog").get_by_role("button", name="Transformer en commande").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    orders = (await seen.asked(f"/orders?quote_id={key}"))["items"]
    assert [(order["customer_id"], order["net_amount"]) for order in orders] == [(customer["id"], "50.00")]


async def test_five_thousand_rows_are_taken_in_but_three(opened: Opened, tmp_path: Path) -> None:
    lines = [f"Z{n};Société {n};Lyon;bleu;{'Z' if n in BAD else 'A'}" for n in range(ROWS)]
    file = tmp_path / "clients.csv"
    file.write_text("\n".join(["Code;Nom;Ville;Couleur;Classe", *lines]), encoding="cp1252")
    seen = await opened("director", "import")
    page = seen.page
    await page.locator("input[type=file]").set_input_files(file)
    await page.get_by_label("Code").select_option("external_id")
    await expect(page.get_by_label("Couleur")).to_have_value("")
    async with page.expect_response(lambda answer: "/imports/columns/" in answer.url, timeout=60_000):
        await page.context.set_offline(True)  # back on the network, what is shown is read again
        await page.context.set_offline(False)
    await seen.settled()
    await expect(page.get_by_label("Code")).to_have_value("external_id")
    await page.get_by_role("button", name="Essayer").click()
    await expect(page.locator(".counts dd").last).to_have_text("3", timeout=60_000)
    go = page.get_by_role("button", name="Importer", exact=True)
    await expect(go).to_be_disabled()
    assert (await seen.asked("/customers?external_id=Z1&count=true"))["count"] == 0
    await page.get_by_role("checkbox").check()
    await go.click()
    await expect(page.get_by_role("link", name="Voir : Clients")).to_be_visible(timeout=60_000)
    assert [await page.locator(".counts dd").nth(n).inner_text() for n in (1, 4)] == ["4\u202f997", "3"]
    assert (await seen.asked("/customers/by-external-id/Z4999"))["city"] == "Lyon"


async def test_an_order_changes_the_number_by_itself(opened: Opened) -> None:
    seen = await opened("director", "activity")
    count = seen.tile("ordered_amount").locator("a.link").first
    before = await count.inner_text()
    customer = (await seen.asked("/customers?limit=1"))["items"][0]
    today = (await seen.board())["as_of_day"]
    made = await seen.page.request.post(
        f"{seen.url}/orders",
        data={
            "customer_id": customer["id"], "confirmed_on": today,
            "lines": [{"description": "Roulement", "quantity": 1, "unit_price": "98765.00"}],
        },
        headers={"Origin": seen.url},
    )  # fmt: skip
    assert made.status == 201, await made.text()
    await expect(count).not_to_have_text(before, timeout=30_000)

"""What the administrator sets: keys for other programs, webhooks, how targets spread and how often sectors order."""

import re
from decimal import Decimal

import httpx
from playwright.async_api import expect

from browsing import PHONE, Opened
from e2e.test_access import everywhere


async def test_a_key_made_on_screen_does_what_it_says_and_nothing_else(opened: Opened) -> None:
    seen = await opened("admin", "settings")
    page = seen.page
    await page.get_by_role("button", name="Nouvelle clé").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Pour quoi faire").select_option("bi")
    await dialog.get_by_role("button", name="Créer la clé").click()
    key = await dialog.locator("code").first.inner_text()
    assert key in await dialog.locator("code").last.inner_text()  # the line ready for a terminal holds it
    await dialog.get_by_role("button", name="Fermer").last.click()
    await expect(page.get_by_text("lit tout ce que je vois, n’écrit rien")).to_be_visible()
    async with httpx.AsyncClient(base_url=seen.url, headers={"Authorization": f"Bearer {key}"}) as other:
        assert (await other.get("/kpi/ordered_amount")).status_code == 200
        assert (await other.get("/orders?limit=1")).status_code == 200
        assert (await other.post("/tasks", json={"title": "Appeler"})).status_code == 403


async def test_a_webhook_is_made_explained_paused_and_deleted(opened: Opened) -> None:
    seen = await opened("admin", "settings", quiet=False)  # the browser notes each refusal as an error
    page, dialog = seen.page, seen.page.get_by_role("dialog")
    team = (await seen.asked("/teams?limit=1&sort=name"))["items"][0]
    await page.get_by_role("button", name="Nouveau webhook").click()
    await dialog.get_by_role("button", name="Créer le webhook").click()
    await expect(dialog.get_by_text("Cochez au moins une sorte de fiche")).to_be_visible()
    await dialog.get_by_label("Nom").fill("Alerte de marge")
    await dialog.get_by_label("Adresse à prévenir").fill("https://127.0.0.1/crochet")
    await dialog.get_by_label("Commandes", exact=True).check()
    await dialog.get_by_label("Suppression").uncheck()
    await dialog.get_by_role("button", name="Ajouter un seuil").click()
    await dialog.get_by_label("De qui").select_option(team["id"])
    await dialog.get_by_label("Valeur (%)").fill("18")
    await dialog.get_by_role("button", name="Créer le webhook").click()
    refused = dialog.get_by_label("Adresse à prévenir")
    await expect(refused).to_have_attribute("aria-invalid", "true")
    await expect(dialog.get_by_text("Cette adresse est interne")).to_be_visible()
    await refused.fill("https://erp.hautecour.example/crochet")
    await dialog.get_by_role("button", name="Créer le webhook").click()
    await expect(dialog.locator("code")).to_contain_text("whsec_")
    await dialog.get_by_role("button", name="Fermer").last.click()

    [made] = (await seen.asked("/webhooks"))["items"]
    assert made["events"] == ["orders.created", "orders.updated"]
    [threshold] = made["thresholds"]
    assert (threshold["kpi"], threshold["filters"], Decimal(threshold["value"])) == (
        "margin_rate", {"team": [team["id"]]}, Decimal("0.18"),
    )  # fmt: skip
    await page.get_by_role("button", name="Ouvrir, Alerte de marge").click()
    await dialog.get_by_role("button", name="Mettre en pause").click()
    await expect(dialog.get_by_role("button", name="Envoyer un essai")).to_be_disabled()
    assert (await seen.asked("/webhooks"))["items"][0]["is_active"] is False
    await expect(dialog.locator("li").filter(has_text=re.compile("^Taux de marge sous 18"))).to_contain_text(
        team["name"]
    )
    assert await everywhere(seen) == []
    await dialog.get_by_role("button", name="Supprimer", exact=True).click()
    await dialog.get_by_role("button", name="Supprimer pour de bon").click()
    await expect(page.get_by_text("Aucun webhook")).to_be_visible()
    assert (await seen.asked("/webhooks"))["items"] == []


async def test_the_form_of_a_webhook_shuts_no_one_out(opened: Opened) -> None:
    seen = await opened("admin", "settings", size=PHONE)
    await seen.page.get_by_role("button", name="Nouveau webhook").click()
    dialog = seen.page.get_by_role("dialog")
    await dialog.get_by_text("Autres fiches").click()
    await dialog.get_by_role("button", name="Ajouter un seuil").click()
    await dialog.get_by_role("button", name="Créer le webhook").click()
    assert await everywhere(seen) == []


async def test_months_and_sectors_are_set_as_typed(opened: Opened) -> None:
    seen = await opened("admin", "settings")
    page, save = seen.page, seen.page.get_by_role("button", name="Enregistrer")
    before = await seen.asked("/settings")
    await page.get_by_label("août").fill("")
    await save.click()
    await expect(page.get_by_text("Donnez un poids aux douze mois, ou à aucun.")).to_be_visible()
    await page.get_by_label("août").fill("0,25")
    await page.get_by_role("button", name="Ajouter un secteur").click()
    await page.get_by_label("Secteur").last.fill("Essais")
    await page.get_by_label("Jours", exact=True).last.fill("33")
    await save.click()
    await expect(page.get_by_text("Réglages enregistrés")).to_be_visible()
    after = await seen.asked("/settings")
    assert Decimal(after["monthly_weights"][7]) == Decimal("0.25")
    assert [*map(Decimal, after["monthly_weights"][:7])] == [*map(Decimal, before["monthly_weights"][:7])]
    assert after["sector_cycle_days"] == before["sector_cycle_days"] | {"Essais": 33}
    await page.get_by_role("button", name="Retirer, Essais").click()
    await page.get_by_label("août").fill(before["monthly_weights"][7].replace(".", ","))
    await save.click()
    await expect(page.get_by_role("button", name="Retirer, Essais")).to_have_count(0)
    await expect(save).to_be_disabled()
    assert (await seen.asked("/settings"))["sector_cycle_days"] == before["sector_cycle_days"]

"""The law every declared resource obeys: none forgets a convention of the API."""

import csv
import io
import itertools
from typing import Any, get_args
from uuid import uuid4

import httpx
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cadran.kit.resource import Resource
from cadran.kit.tables import Base
from cadran.models import Change
from cadran.resources.registry import BY_NAME, RESOURCES
from checking import changes, ok, refused
from factories import BODIES, Maker, People

every = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
with_external_id = pytest.mark.parametrize(
    "resource", [each for each in RESOURCES if each.has_external_id], ids=lambda resource: resource.name
)


@pytest.fixture
def admin(as_user: Any) -> httpx.AsyncClient:
    client: httpx.AsyncClient = as_user("admin")
    return client


@pytest.fixture
def key(as_user: Any) -> httpx.AsyncClient:
    """An API key of the admin, which may read and write everything."""
    client: httpx.AsyncClient = as_user("admin", scopes=frozenset({"*:write"}))
    return client


async def several(make: Maker, resource: Resource, number: int = 4) -> list[str]:
    return [str((await make(resource.name))["id"]) for _ in range(number)]


async def listed(client: httpx.AsyncClient, resource: Resource, **asked: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = ok(await client.get(f"/{resource.name}", params={"limit": 500, **asked}))["items"]
    return items


def test_every_resource_has_a_body_in_the_factories() -> None:
    assert set(BY_NAME) <= set(BODIES)


@every
def test_filters_and_sorts_are_fields_of_the_reading(resource: Resource) -> None:
    assert {*resource.filters, *resource.sort} <= set(resource.read.model_fields)
    assert resource.default_sort.removeprefix("-") in resource.sort
    # No output field is ever absent, and nothing can be sent that could not be read again.
    assert all(info.is_required() for info in resource.read.model_fields.values())
    unread = {"password"}
    assert set(resource.create.model_fields) - unread <= set(resource.read.model_fields)


@every
async def test_create_then_get(resource: Resource, make: Maker, admin: httpx.AsyncClient) -> None:
    created = await admin.post(f"/{resource.name}", json=await make.body(resource.name))
    body = ok(created, 201)
    assert set(body) == set(resource.read.model_fields)
    assert created.headers["location"] == f"/{resource.name}/{body['id']}"
    got = await admin.get(created.headers["location"])
    assert ok(got) == body
    assert got.headers["etag"] == created.headers["etag"]
    unchanged = await admin.get(created.headers["location"], headers={"If-None-Match": got.headers["etag"]})
    assert unchanged.status_code == 304
    assert unchanged.content == b""
    assert unchanged.headers["etag"] == got.headers["etag"]


@every
async def test_lists_page_in_every_order_and_lose_no_null(
    resource: Resource, make: Maker, admin: httpx.AsyncClient, session: AsyncSession
) -> None:
    made = await several(make, resource, 5)
    for name in resource.sort:
        column = resource.table.c[name]
        if column.nullable:  # where its state lets a record do without
            try:
                async with session.begin_nested():
                    await session.execute(
                        update(resource.table).where(column.table.c.id.in_(made[1:3])).values({name: None})
                    )
            except IntegrityError:
                pass
        for sign in ("", "-"):
            whole = await listed(admin, resource, sort=sign + name)
            assert {*made} <= {row["id"] for row in whole}
            filled = [row[name] is not None for row in whole]
            assert filled == sorted(filled, reverse=True), f"nulls last by {sign}{name}"
            paged: list[dict[str, Any]] = []
            cursor = None
            for _ in range(len(whole) + 1):
                asked: dict[str, Any] = {"sort": sign + name, "limit": 2} | ({"cursor": cursor} if cursor else {})
                page = ok(await admin.get(f"/{resource.name}", params=asked))
                assert len(page["items"]) <= 2
                paged += page["items"]
                cursor = page["next_cursor"]
                if cursor is None:
                    break
            assert [row["id"] for row in paged] == [row["id"] for row in whole], f"{sign}{name}"


@every
async def test_lists_count_and_sort_by_several_columns(
    resource: Resource, make: Maker, admin: httpx.AsyncClient
) -> None:
    await several(make, resource, 3)
    pairs = [",".join(pair) for pair in itertools.permutations(("-" + resource.sort[0], *resource.sort[1:3]), 2)]
    for sort in pairs:
        page = ok(await admin.get(f"/{resource.name}", params={"sort": sort, "limit": 1, "count": True}))
        whole = await listed(admin, resource, sort=sort)
        assert page["count"] == len(whole) >= 3
        capped = ok(await admin.get(f"/{resource.name}", params={"limit": 1, "count": True, "count_most": 2}))
        assert (capped["count"], capped["count_more"], capped["sums"]) == (2, True, None)
        rest = await listed(admin, resource, sort=sort, cursor=page["next_cursor"])
        assert [row["id"] for row in [*page["items"], *rest]] == [row["id"] for row in whole]


@every
async def test_filters_keep_exactly_what_they_say(resource: Resource, make: Maker, admin: httpx.AsyncClient) -> None:
    await several(make, resource, 3)
    rows = [resource.read.model_validate(row) for row in await listed(admin, resource)]
    raw = {row["id"]: row for row in await listed(admin, resource)}

    async def check(given: dict[str, Any], wanted: list[Any]) -> None:
        found = {row["id"] for row in await listed(admin, resource, **given)}
        assert found == {str(row.id) for row in wanted}, given

    for field in sorted(
        set(resource.query.model_fields) - {"limit", "cursor", "sort", "q", "count", "count_most", "format", "dialect"}
    ):
        name = field
        for suffix in ("_from", "_to", "_missing"):
            name = name.removesuffix(suffix) if name not in resource.table.c else name
        filled = [row for row in rows if getattr(row, name) is not None]
        if field.endswith("_missing") and field not in resource.table.c:
            await check({field: "true"}, [row for row in rows if getattr(row, name) is None])
            await check({field: "false"}, filled)
            continue
        for row in filled[:2]:
            value, sent = getattr(row, name), raw[str(row.id)][name]  # type: ignore[attr-defined]
            if field == name:
                await check({field: sent}, [each for each in filled if getattr(each, name) == value])
            elif field.endswith("_from"):
                await check({field: sent}, [each for each in filled if getattr(each, name) >= value])
            else:
                await check({field: sent}, [each for each in filled if getattr(each, name) <= value])


@every
async def test_lists_refuse_what_they_do_not_know(resource: Resource, admin: httpx.AsyncClient) -> None:
    path = f"/{resource.name}"
    for asked, pointer in (
        ({"colour": "blue"}, "?colour"), ({"limit": 0}, "?limit"), ({"limit": 501}, "?limit"),
        ({"sort": "colour"}, "?sort"), ({"sort": "id,"}, "?sort"), ({"sort": ""}, "?sort"), ({"cursor": ""}, "?cursor"),
        ({"cursor": "bm9uc2Vuc2U"}, "?cursor"),
        ({"cursor": "é"}, "?cursor"), ({"cursor": "bm9uc2Vuc2U", "format": "xlsx"}, "?cursor"),
        ({"q": "a\x07b"}, "?q"), ({"count": "perhaps"}, "?count"), ({"count_most": "0"}, "?count_most"),
        ({"format": "pdf"}, "?format"),
    ):  # fmt: skip
        refused(await admin.get(path, params=asked), 422, "validation", pointer)
    refused(await admin.get(path, headers={"Accept": "image/png"}), 406, "not_acceptable")


@every
async def test_search_finds_words_by_their_parts(
    resource: Resource, make: Maker, admin: httpx.AsyncClient, session: AsyncSession
) -> None:
    key = (await make(resource.name))["id"]
    if "search" not in resource.table.c:
        refused(await admin.get(f"/{resource.name}?q=a"), 422, "validation", "?q")
        return
    folded = select(resource.table.c.search).where(resource.table.c.id == key)
    word = (await session.execute(folded)).scalar_one().split()[0]
    for typed in (word, word.upper(), word[:3], word[1:], word.replace("e", "é")):
        assert str(key) in {row["id"] for row in await listed(admin, resource, q=typed)}, typed
    assert await listed(admin, resource, q="%_\\ zzqx") == []


@every
async def test_patch_needs_the_version_and_bumps_it(
    resource: Resource, make: Maker, admin: httpx.AsyncClient, key: httpx.AsyncClient, session: AsyncSession
) -> None:
    path = f"/{resource.name}/{(await make(resource.name))['id']}"
    first = await admin.get(path)
    change, back = edits(resource, first.json())
    refused(await admin.patch(path, json=change), 428, "precondition_required")
    refused(await admin.patch(path, json=change, headers={"If-Match": '"999"'}), 412, "precondition_failed")
    assert ok(await admin.get(path)) == first.json()

    match = {"If-Match": first.headers["etag"], "Content-Type": "application/merge-patch+json"}
    patched = await admin.patch(path, json=change, headers=match)
    assert ok(patched).items() >= change.items()
    assert patched.json()["version"] == first.json()["version"] + 1
    assert patched.headers["etag"] != first.headers["etag"]
    refused(await admin.patch(path, json=back, headers=match), 412, "precondition_failed")

    logged = await changes(session)
    same = ok(await admin.patch(path, json=change, headers={"If-Match": patched.headers["etag"]}))
    assert same == patched.json(), "a patch that changes nothing writes nothing"
    assert await changes(session) == logged
    assert ok(await key.patch(path, json=back)).items() >= back.items()
    assert ok(await key.patch(path, json=change, headers={"If-Match": "*"})).items() >= change.items()
    assert await changes(session) > logged


def edits(resource: Resource, row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Something harmless to change, and back."""
    for name in ("notes", "description", "external_id", "name", "title"):
        if name in resource.update.model_fields:
            return {name: "Something else"}, {name: row[name]}
    raise AssertionError(f"nothing to edit on {resource.name}")


@every
async def test_unknown_records_are_404(resource: Resource, key: httpx.AsyncClient) -> None:
    path = f"/{resource.name}/{uuid4()}"
    refused(await key.get(path), 404, "not_found")
    refused(await key.patch(path, json={}), 404, "not_found")
    if resource.deletable:
        refused(await key.delete(path), 404, "not_found")
    refused(await key.get(f"/{resource.name}/not-an-id"), 404, "not_found")


@every
async def test_nobody_and_narrow_keys_are_stopped(
    resource: Resource, make: Maker, client: httpx.AsyncClient, as_user: Any, session: AsyncSession
) -> None:
    row = await make(resource.name)
    path, body = f"/{resource.name}/{row['id']}", await make.body(resource.name)
    other = as_user("admin", scopes=frozenset({"nothing:write"}))
    reader = as_user("admin", scopes=frozenset({f"{resource.name}:read"}))
    writer = as_user("admin", scopes=frozenset({f"{resource.name}:write"}))
    logged = await changes(session)
    for response in (await client.get(path), await client.get(f"/{resource.name}"), await client.patch(path, json={})):
        refused(response, 401, "unauthorized")
    for who, reads in ((other, 403), (reader, 200)):
        assert (await who.get(path)).status_code == reads
        assert (await who.get(f"/{resource.name}")).status_code == reads
        refused(await who.post(f"/{resource.name}", json=body), 403, "forbidden")
        refused(await who.patch(path, json={}), 403, "forbidden")
        if resource.deletable:
            refused(await who.delete(path), 403, "forbidden")
        if resource.has_external_id:
            refused(await who.put(f"/{resource.name}/by-external-id/x", json=body), 403, "forbidden")
    assert await changes(session) == logged
    ok(await writer.get(path))
    ok(await writer.post(f"/{resource.name}", json=body), 201)


@every
async def test_every_role_gets_a_list(resource: Resource, make: Maker, people: People, as_user: Any) -> None:
    made = set(await several(make, resource, 2))
    for name in people.users:
        client = as_user(name)
        page = ok(await client.get(f"/{resource.name}", params={"limit": 500, "count": True}))
        assert page["count"] == len(page["items"])
        seen = {row["id"] for row in page["items"]}
        for each in made:
            assert (await client.get(f"/{resource.name}/{each}")).status_code == (200 if each in seen else 404)


@every
async def test_delete(resource: Resource, make: Maker, admin: httpx.AsyncClient, session: AsyncSession) -> None:
    path = f"/{resource.name}/{(await make(resource.name))['id']}"
    if not resource.deletable:
        assert (await admin.delete(path)).status_code == 405
        return
    refused(await admin.delete(path), 428, "precondition_required")
    refused(await admin.delete(path, headers={"If-Match": '"999"'}), 412, "precondition_failed")
    tag = (await admin.get(path)).headers["etag"]
    ok(await admin.delete(path, headers={"If-Match": tag}), 204)
    refused(await admin.get(path), 404, "not_found")
    gone = select(Change.before, Change.actor).where(
        Change.operation == "delete", Change.resource == resource.table.name
    )
    before, actor = (await session.execute(gone)).one()
    assert path.endswith(before["id"])
    assert actor == "admin@durand.test"


@with_external_id
async def test_a_replay_by_external_id_changes_nothing(
    resource: Resource, make: Maker, admin: httpx.AsyncClient, key: httpx.AsyncClient, session: AsyncSession
) -> None:
    path, body = f"/{resource.name}/by-external-id/ERP-1%C3%A9", await make.body(resource.name)
    body.pop("external_id", None)
    created = await key.put(path, json=body)
    first = ok(created, 201)
    assert first["external_id"] == "ERP-1é"
    assert created.headers["location"] == f"/{resource.name}/{first['id']}"
    logged = await changes(session)
    for sent in (body, body | {"external_id": "ERP-1é"}):
        again = await key.put(path, json=sent)
        assert ok(again) == first
        assert again.headers["etag"] == created.headers["etag"]
    assert await changes(session) == logged
    assert ok(await key.get(path)) == first
    refused(await key.put(path, json=body | {"external_id": "other"}), 422, "validation", "/external_id")
    refused(await key.get(f"/{resource.name}/by-external-id/none"), 404, "not_found")
    refused(await admin.put(path, json=body), 428, "precondition_required")
    stale = await key.put(path, json=body, headers={"If-Match": '"999"'})
    refused(stale, 412, "precondition_failed")


@with_external_id
async def test_a_replay_that_says_null_changes_nothing_either(
    resource: Resource, make: Maker, key: httpx.AsyncClient, session: AsyncSession
) -> None:
    body = await make.body(resource.name)
    body.pop("external_id", None)
    fields = resource.create.model_fields.items()
    nulls = {name: None for name, info in fields if name not in body and type(None) in get_args(info.annotation)}
    path = f"/{resource.name}/by-external-id/ERP-2"
    first = ok(await key.put(path, json=body | nulls), 201)
    logged = await changes(session)
    assert ok(await key.put(path, json=body | nulls)) == first
    assert await changes(session) == logged


@every
async def test_tables_hold_the_same_rows(resource: Resource, make: Maker, admin: httpx.AsyncClient) -> None:
    await several(make, resource, 3)
    rows = await listed(admin, resource)
    for asked, headers in (({"format": "csv"}, {}), ({}, {"Accept": "text/csv"})):
        answer = await admin.get(f"/{resource.name}", params=asked, headers=headers)
        assert answer.headers["content-type"].startswith("text/csv")
        table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8"))))
        assert [line["id"] for line in table] == [row["id"] for row in rows]
        assert set(table[0]) <= set(rows[0])
    french = (await admin.get(f"/{resource.name}?format=csv&dialect=excel-fr")).content
    assert french.startswith(b"\xef\xbb\xbfid;")
    book = await admin.get(f"/{resource.name}", params={"format": "xlsx"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert [line[0] for line in sheet[1:]] == [row["id"] for row in rows]
    assert sheet[0] == list(table[0])


@every
async def test_no_column_is_assigned_that_was_not_offered(
    resource: Resource, make: Maker, key: httpx.AsyncClient, session: AsyncSession
) -> None:
    row, body = await make(resource.name), await make.body(resource.name)
    known = {column.name for table in Base.metadata.tables.values() for column in table.c} | {"is_admin", "role_id"}
    path = f"/{resource.name}/{row['id']}"
    logged = await changes(session)
    for name in sorted(known - set(resource.create.model_fields)):
        refused(await key.post(f"/{resource.name}", json=body | {name: None}), 422, "validation", f"/{name}")
    for name in sorted(known - set(resource.update.model_fields)):
        refused(await key.patch(path, json={name: None}), 422, "validation", f"/{name}")
    for child in resource.children:
        if child.plain is None and body.get(child.field):
            offered = set(body[child.field][0]) | {"x"}
            refused(
                await key.post(f"/{resource.name}", json=body | {child.field: [dict.fromkeys(offered, "x")]}),
                422, "validation", f"/{child.field}/0/x",
            )  # fmt: skip
    assert await changes(session) == logged


@every
async def test_references_must_exist(resource: Resource, make: Maker, key: httpx.AsyncClient) -> None:
    body = await make.body(resource.name)
    for column in resource.table.c:
        if column.foreign_keys and column.name in resource.create.model_fields:
            answer = await key.post(f"/{resource.name}", json=body | {column.name: str(uuid4())})
            refused(answer, 422, "validation", f"/{column.name}")


@every
async def test_idempotency_keys(
    resource: Resource, make: Maker, admin: httpx.AsyncClient, session: AsyncSession
) -> None:
    body, headers = await make.body(resource.name), {"Idempotency-Key": str(uuid4())}
    first = await admin.post(f"/{resource.name}", json=body, headers=headers)
    ok(first, 201)
    other = await make.body(resource.name)
    logged = await changes(session)
    again = await admin.post(f"/{resource.name}", json=body, headers=headers)
    assert ok(again, 201) == first.json()
    assert again.headers["location"] == first.headers["location"]
    refused(await admin.post(f"/{resource.name}", json=other, headers=headers), 422, "idempotency_mismatch")
    assert await changes(session) == logged
    kept = await session.execute(text("SELECT count(*) FROM idempotency_keys"))
    assert kept.scalar_one() == 1

"""JSON bodies that mean one thing to everybody: checked before any code reads them."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from cadran.kit.problems import Problem, clean, field_error

DEEPEST = 64
LARGEST = 2**53 - 1
_LONG_NUMBER = re.compile(rb"\d{16}")


def check(body: bytes) -> None:
    """Raises a 400 on what is not one UTF-8 JSON value: NaN, Infinity, broken Unicode, a name twice, nesting beyond 64.

    Raises a 422 naming the place of a number beyond 2^53 - 1, which most readers of JSON would round.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Problem("malformed_json", f"The body is not valid JSON: {clean(error.msg)} ({place}).") from None
    # The counts are cheap and nearly always small; the walks they spare are not.
    if body.count(b"[") + body.count(b"{") > DEEPEST and _deeper(value):
        raise Problem("malformed_json", f"The body is nested deeper than {DEEPEST} levels.")
    if _LONG_NUMBER.search(body):
        _check_numbers(value)
    if b"{" in body:
        json.loads(body, object_pairs_hook=_once, parse_int=str, parse_float=str)


def _deeper(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [child for each in level for child in _inside(each) if isinstance(child, (dict, list))]
    return bool(level)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _once(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise Problem("malformed_json", f"The name {clean(name, 100)!r} comes twice in one object.")
        seen.add(name)


def _check_numbers(value: Any) -> None:
    remedy = "Write it as text, within the limits of this field."
    errors = [
        field_error(pointer, "A number beyond 2^53 - 1 is not the same to every reader of JSON.", remedy, "too_precise")
        for pointer, number in _numbers(value, "")
        if not -LARGEST <= number <= LARGEST
    ]
    if errors:
        raise Problem("validation", f"{errors[0]['pointer'] or 'The body'}: {errors[0]['detail']}", errors[:100])


def _numbers(value: Any, pointer: str) -> Iterator[tuple[str, int | float]]:
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _numbers(child, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for position, child in enumerate(value):
            yield from _numbers(child, f"{pointer}/{position}")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield pointer, value

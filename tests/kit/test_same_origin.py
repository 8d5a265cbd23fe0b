"""Which requests a browser says come from our own pages."""

import pytest

from cadran.kit.edge import same_origin


@pytest.mark.parametrize(
    ("headers", "allowed", "expected"),
    [
        ({"sec-fetch-site": "same-origin"}, (), True),
        ({"sec-fetch-site": "none"}, (), True),
        ({"sec-fetch-site": "same-site"}, (), False),
        ({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, (), False),
        ({"sec-fetch-site": "cross-site", "origin": "https://app.example"}, ("https://app.example",), True),
        ({"sec-fetch-site": "cross-site"}, ("https://app.example",), False),
        ({"origin": "http://crm.example:8000", "host": "crm.example:8000"}, (), True),
        ({"origin": "https://CRM.example", "host": "crm.example"}, (), True),
        ({"origin": "https://crm.example", "host": "crm.example:443"}, (), True),
        ({"origin": "https://crm.example:444", "host": "crm.example"}, (), False),
        ({"origin": "https://crm.example.evil.example", "host": "crm.example"}, (), False),
        ({"origin": "null", "host": "null"}, (), False),
        ({"origin": "file://", "host": ""}, (), False),
        ({"host": "crm.example"}, (), False),
        ({}, (), False),
    ],
)
def test_same_origin(headers: dict[str, str], allowed: tuple[str, ...], expected: bool) -> None:
    scope = {"headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
    assert same_origin(scope, allowed) is expected

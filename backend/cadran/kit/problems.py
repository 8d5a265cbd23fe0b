"""Errors as RFC 9457 problem+json, in one shape, each code documented here and nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Code:
    status: int
    title: str
    meaning: str


CODES: dict[str, Code] = {
    "malformed_json": Code(400, "Malformed JSON", "The body is not valid JSON in UTF-8."),
    "malformed_request": Code(400, "Malformed request", "The path, query or headers cannot be read."),
    "unauthorized": Code(401, "Sign in first", "No valid session or API key came with the request."),
    "forbidden": Code(403, "Not allowed", "Your role or key does not let you do this."),
    "not_found": Code(404, "Not found", "It does not exist, or you may not see it."),
    "method_not_allowed": Code(405, "Method not allowed", "This address does not take that method; see Allow."),
    "not_acceptable": Code(406, "Not acceptable", "No representation fits Accept: JSON, CSV or XLSX."),
    "conflict": Code(409, "Conflict", "The record's state does not allow this."),
    "already_exists": Code(409, "Already exists", "Another record already has this value."),
    "in_use": Code(409, "In use", "Other records refer to it: delete or move them first."),
    "idempotency_in_progress": Code(409, "Still in progress", "A request with this Idempotency-Key is under way."),
    "gone": Code(410, "Gone", "It existed once and no longer does."),
    "precondition_failed": Code(412, "Changed meanwhile", "Somebody changed it: read it again, then retry."),
    "too_large": Code(413, "Too large", "The body is larger than allowed here."),
    "unsupported_media_type": Code(415, "Unsupported media type", "Send the content type this address takes."),
    "validation": Code(422, "Invalid input", "Fields or parameters are wrong; `errors` names each one and its remedy."),
    "idempotency_mismatch": Code(422, "Idempotency-Key reused", "The key was used for a different request."),
    "precondition_required": Code(428, "Say which version", "Send If-Match with the ETag you read."),
    "rate_limited": Code(429, "Too many requests", "Wait as long as Retry-After says."),
    "internal": Code(500, "Our fault", "An unexpected error; give us the request_id."),
    "overloaded": Code(503, "Busy", "Try again after Retry-After seconds."),
}


class Problem(Exception):  # noqa: N818 - it is what it is called on the wire
    """An error to answer. ``errors``: dicts of :func:`field_error`; ``extra``: members added to the body."""

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail or CODES[code].title)
        self.code, self.detail, self.errors = code, detail or CODES[code].meaning, list(errors)
        self.headers, self.extra = dict(headers or {}), dict(extra or {})

    @property
    def status(self) -> int:
        return CODES[self.code].status


def field_error(pointer: str, detail: str, remedy: str, code: str = "invalid") -> dict[str, str]:
    """``pointer``: a JSON pointer into the body (``/lines/0/quantity``), or ``?name`` for a query parameter."""
    return {"pointer": pointer, "code": code, "detail": clean(detail), "remedy": clean(remedy)}


def invalid(pointer: str, detail: str, remedy: str) -> Problem:
    """A 422 on one field."""
    return Problem("validation", f"{pointer}: {clean(detail)}", [field_error(pointer, detail, remedy)])


def clean(text: str, limit: int = 500) -> str:
    """Text safe to echo: no control characters, no lone surrogates, not endless."""
    shown = "".join(each if each.isprintable() else "�" for each in text[:limit])
    return shown.encode("utf-8", "replace").decode("utf-8")


def body(problem: Problem, request_id: str | None) -> dict[str, Any]:
    return {
        "type": f"/problems/{problem.code}",
        "title": CODES[problem.code].title,
        "status": problem.status,
        "code": problem.code,
        "detail": clean(problem.detail, 2000),
        "errors": problem.errors,
        "request_id": request_id,
        **problem.extra,
    }


def response(problem: Problem, request_id: str | None = None) -> Response:
    headers = dict(problem.headers)
    if problem.status == 503:
        headers.setdefault("Retry-After", "2")
    return Response(orjson.dumps(body(problem, request_id)), problem.status, headers, MEDIA_TYPE)


REMEDIES = {
    "missing": "Add this field.",
    "extra_forbidden": "Remove it, or check its spelling.",
    "string_too_long": "Shorten it.",
    "string_too_short": "Fill it.",
    "string_pattern_mismatch": "Write it in the form its schema gives.",
    "uuid_parsing": "Give the id of a record, a UUID.",
    "enum": "Give one of the listed words.",
    "literal_error": "Give one of the listed words.",
    "date_from_datetime_parsing": "Write a date as YYYY-MM-DD.",
    "decimal_parsing": "Write a decimal number, for example 1234.50.",
}


def _pointer(location: Sequence[Any]) -> str:
    place, *rest = location or ("body",)
    if place == "query":
        return "?" + ".".join(str(part) for part in rest)
    if place in ("path", "header", "cookie"):
        return f"{place}:" + ".".join(str(part) for part in rest)
    inside = rest if place == "body" else list(location)
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in inside) or "/"


def from_validation(found: Sequence[Any]) -> Problem:
    """Pydantic's errors as one problem."""
    if any(error["type"] == "json_invalid" for error in found):
        return Problem("malformed_json")
    errors = []
    for error in found[:100]:
        message = str(error["msg"]).removeprefix("Value error, ")
        remedy = REMEDIES.get(error["type"], "See this field in the API's schema.")
        errors.append(field_error(clean(_pointer(error["loc"]), 200), message, remedy, error["type"]))
    first = errors[0]
    return Problem("validation", f"{first['pointer']}: {first['detail']}", errors)


def request_id_of(request: Request) -> str | None:
    found: str | None = request.scope.get("state", {}).get("request_id")
    return found


_FROM_STATUS = {400: "malformed_request", 401: "unauthorized", 403: "forbidden", 404: "not_found",
                405: "method_not_allowed", 406: "not_acceptable", 413: "too_large", 415: "unsupported_media_type",
                422: "validation"}  # fmt: skip


def install(app: FastAPI) -> None:
    """Every error leaves as a problem."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)  # noqa: S101 - registered for this class only
        return response(error, request_id_of(request))

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return response(from_validation(error.errors()), request_id_of(request))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        problem = Problem(_FROM_STATUS.get(error.status_code, "internal"), headers=dict(error.headers or {}))
        return response(problem, request_id_of(request))

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)


PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "errors", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted(CODES)},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail", "remedy"],
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail", "remedy")},
            },
        },
        "request_id": {"type": ["string", "null"]},
    },
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI responses for the statuses an operation may answer besides its own."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    titles = {code.status: code.title for code in reversed(CODES.values())}
    return {status: {"description": titles.get(status, "Problem"), "content": content} for status in statuses}


def document(app: FastAPI) -> None:
    """Adds the problem's schema to OpenAPI, and nothing of FastAPI's own error shape."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = generate()
            schemas = found.setdefault("components", {}).setdefault("schemas", {})
            schemas["Problem"] = PROBLEM_SCHEMA
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            for operations in found["paths"].values():
                for operation in operations.values():
                    _own_shape(operation)
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _own_shape(operation: dict[str, Any]) -> None:
    """A 422 that FastAPI documents by itself is one of ours."""
    described = operation.get("responses", {}).get("422", {})
    if "HTTPValidationError" in str(described):
        operation["responses"]["422"] = documented(422)[422]

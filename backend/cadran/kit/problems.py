"""Errors as RFC 9457 problem+json, in one shape, each code documented here and nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

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
    return {"pointer": clean(pointer, 200), "code": code, "detail": clean(detail), "remedy": clean(remedy)}


def invalid(pointer: str, detail: str, remedy: str) -> Problem:
    """A 422 on one field."""
    return Problem("validation", f"{pointer}: {clean(detail)}", [field_error(pointer, detail, remedy)])


def clean(text: str, limit: int = 500) -> str:
    """Text safe to echo: no control characters, no lone surrogates, not endless."""
    if text.isprintable():
        return text[:limit]
    return "".join(each if each.isprintable() or each in "\u00a0\u202f" else "�" for each in text[:limit])


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
    headers.setdefault("Cache-Control", "no-store")
    if problem.status == 503:
        headers.setdefault("Retry-After", "2")
    if problem.status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    return Response(orjson.dumps(body(problem, request_id)), problem.status, headers, MEDIA_TYPE)


# What to do about each kind of Pydantic error; braces take from the error's own context.
REMEDIES = {
    "missing": "Add it.",
    "extra_forbidden": "Remove it, or check its spelling.",
    "string_type": "Write text.",
    "uuid_parsing": "Give the id of a record, a UUID.",
    "uuid_type": "Give the id of a record, a UUID.",
    "literal_error": "Give {expected}.",
    "enum": "Give {expected}.",
    "greater_than": "Give more than {gt}.",
    "greater_than_equal": "Give {ge} or more.",
    "less_than": "Give less than {lt}.",
    "less_than_equal": "Give {le} or less.",
    "string_too_short": "Give at least {min_length} characters.",
    "string_too_long": "Give at most {max_length} characters.",
    "too_short": "Give at least {min_length}.",
    "too_long": "Give at most {max_length}.",
    "int_type": "Give a whole number.",
    "int_parsing": "Give a whole number.",
    "int_parsing_size": "Give a smaller whole number.",
    "int_from_float": "Give a whole number.",
    "bool_type": "Give true or false.",
    "bool_parsing": "Give true or false.",
    "list_type": "Give a list.",
    "dict_type": "Give a JSON object.",
    "string_unicode": "Remove the broken Unicode.",
    "model_type": "Give a JSON object.",
    "model_attributes_type": "Give a JSON object.",
    "string_pattern_mismatch": "Write it in the form {pattern}.",
}


def _remedy(error: Mapping[str, Any], message: str) -> str:
    if error["type"] == "value_error":  # raised by our own types, whose words say what to do
        return message
    context = error.get("ctx") or {}
    try:
        return REMEDIES.get(error["type"], "See this field in the API's schema.").format_map(context)
    except KeyError:
        return "See this field in the API's schema."


def _pointer(location: Sequence[Any]) -> str:
    place, *rest = location or ("body",)
    if place == "query":
        return "?" + ".".join(str(part) for part in rest)
    if place in ("path", "header", "cookie"):
        return f"{place}:" + ".".join(str(part) for part in rest)
    inside = rest if place == "body" else list(location)
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in inside)


def from_validation(found: Sequence[Any]) -> Problem:
    """Pydantic's errors as one problem."""
    if any(error["type"] == "json_invalid" for error in found):
        return Problem("malformed_json")
    errors = []
    for error in found[:100]:
        message = str(error["msg"]).removeprefix("Value error, ")
        errors.append(field_error(_pointer(error["loc"]), message, _remedy(error, message), error["type"]))
    first = errors[0]
    return Problem("validation", f"{first['pointer'] or 'The body'}: {first['detail']}", errors)


def request_id_of(request: Request) -> str | None:
    found: str | None = request.scope.get("state", {}).get("request_id")
    return found


# The first code of each status, but for the two that carry a more particular one first.
_FROM_STATUS = {code.status: name for name, code in reversed(CODES.items())} | {400: "malformed_request"}


def from_http(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """The framework's own errors: no such path, no such method, a body it cannot take."""
    fallback = "malformed_request" if 400 <= status < 500 else "internal"
    return Problem(_FROM_STATUS.get(status, fallback), headers=headers)


def allowed(request: Request) -> list[str]:
    """The methods this path takes. The router's own answer names those of the first route that fits, and no others."""
    found = []
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes):
            found += ["GET", "HEAD"] if method == "GET" else [method]  # the edge answers HEAD wherever GET is
    return found


def install(app: FastAPI) -> None:
    """Every error leaves as a problem, and each problem's ``type`` is an address that explains it."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)  # noqa: S101 - registered for this class only
        return response(error, request_id_of(request))

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return response(from_validation(error.errors()), request_id_of(request))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(allowed(request))
        return response(from_http(error.status_code, headers), request_id_of(request))

    app.include_router(router)
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


router = APIRouter(tags=["problems"])


def _page(name: str) -> dict[str, Any]:
    code = CODES[name]
    return {
        "type": f"/problems/{name}",
        "code": name,
        "status": code.status,
        "title": code.title,
        "meaning": code.meaning,
    }


@router.get("/problems", operation_id="list_problems")
async def list_problems() -> dict[str, list[dict[str, Any]]]:
    """Every error this API answers with."""
    return {"items": [_page(name) for name in CODES]}


@router.get("/problems/{code}", operation_id="get_problem", responses=documented(404))
async def get_problem(code: str) -> dict[str, Any]:
    """What a problem's ``type`` leads to: its meaning."""
    if code not in CODES:
        raise Problem("not_found")
    return _page(code)


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
                    _share_problems(operation, found["components"].setdefault("responses", {}))
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _share_problems(operation: dict[str, Any], shared: dict[str, Any]) -> None:
    """A problem response that many operations have stands once in the components."""
    for status, response in operation.get("responses", {}).items():
        if list(response.get("content", ())) != [MEDIA_TYPE]:
            continue
        name = f"Problem{status}"
        if shared.setdefault(name, response) == response:
            operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}


def _own_shape(operation: dict[str, Any]) -> None:
    """A 422 that FastAPI documents by itself is one of ours."""
    described = operation.get("responses", {}).get("422", {})
    if "HTTPValidationError" in str(described):
        operation["responses"]["422"] = documented(422)[422]

"""The built SPA under ``/app/``: assets for ever, the page never cached, pre-compressed files where there are."""

from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from cadran.kit.problems import Problem

DIST = Path(__file__).parents[3] / "frontend" / "dist"
IMMUTABLE = "public, max-age=31536000, immutable"
TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml", ".woff2": "font/woff2", ".webmanifest": "application/manifest+json", ".png": "image/png",
    ".json": "application/json",
}  # fmt: skip
NOT_BUILT = "<!doctype html><title>Cadran</title><p>The screens are not built yet: run <code>make build</code>.</p>"


def serve_spa(app: FastAPI, dist: Path = DIST) -> None:
    """Routes ``/`` and ``/app/*``; any path that is no file is the SPA's own business, so it gets the page."""

    @app.get("/", include_in_schema=False)
    async def home() -> Response:
        return RedirectResponse("/app/", 307)

    @app.get("/app", include_in_schema=False)
    async def app_home() -> Response:
        return RedirectResponse("/app/", 307)

    @app.api_route("/app/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    def page(request: Request, path: str) -> Response:
        found = (dist / path).resolve()
        if path and found.is_file() and found.is_relative_to(dist.resolve()):
            return _file(request, found, IMMUTABLE if path.startswith("assets/") else "no-cache")
        if Path(path).suffix in TYPES and path != "index.html":
            raise Problem("not_found")
        index = dist / "index.html"
        return _file(request, index, "no-cache") if index.is_file() else HTMLResponse(NOT_BUILT)


def _file(request: Request, path: Path, cache: str) -> Response:
    headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
    accepted = request.headers.get("accept-encoding", "")
    for encoding, suffix in (("br", ".br"), ("gzip", ".gz")):
        packed = path.with_name(path.name + suffix)
        if encoding in accepted and packed.is_file():
            headers["Content-Encoding"] = encoding
            return FileResponse(packed, headers=headers, media_type=TYPES.get(path.suffix, "application/octet-stream"))
    return FileResponse(path, headers=headers, media_type=TYPES.get(path.suffix, "application/octet-stream"))

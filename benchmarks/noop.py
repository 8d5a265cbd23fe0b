"""An endpoint that does nothing, on the server settings of Cadran: `python -m benchmarks.noop PORT`."""

import sys
from types import SimpleNamespace

from fastapi import FastAPI

from cadran.cli.serving import serve

app = FastAPI()
app.state.live = SimpleNamespace(close=lambda: None)  # the server closes live streams when it stops


@app.get("/noop")
async def noop() -> dict[str, bool]:
    return {"ok": True}


if __name__ == "__main__":
    serve(app, "127.0.0.1", int(sys.argv[1]))

"""The server of ``cadran serve``."""

import gc
import logging
import socket
import sys

import uvicorn
from fastapi import FastAPI

GRACE = 10  # seconds for requests under way when the server stops


class Server(uvicorn.Server):
    """Ends live streams when it stops: they would not end by themselves, and it would wait for them in vain."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        app = self.config.app
        if isinstance(app, FastAPI):
            app.state.live.close()
        await super().shutdown(sockets)


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serves until it is told to stop. Exits with 3 when it could not start."""
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, server_header=False,
        timeout_graceful_shutdown=GRACE,
    )  # fmt: skip
    server = Server(config)
    # No line of the log says which thread or process wrote it: it is not looked up for each.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    # What stands when serving begins stays: to look for garbage in it took up to a quarter of an answer's time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    try:
        server.run()
    except KeyboardInterrupt:
        return
    if not server.started:
        sys.exit(3)

"""``cadran work``: a worker and nothing else, until it is told to stop."""

import asyncio
import signal

from cadran.jobs.worker import working
from cadran.settings import Settings


async def work_until_stopped(settings: Settings) -> None:
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    async with working(settings):
        await stop.wait()

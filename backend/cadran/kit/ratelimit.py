"""How often one caller may ask: a bucket for each, refilled steadily. In this process only: two workers allow twice."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cadran.kit.problems import Problem


@dataclass
class _Bucket:
    level: float
    at: float


class Buckets:
    """``capacity`` at once, refilled over ``seconds``. Only the ``most`` callers seen last are remembered."""

    def __init__(
        self, capacity: int, seconds: float, clock: Callable[[], float] = time.monotonic, most: int = 10_000
    ) -> None:
        self.capacity, self.seconds, self.clock, self.most = capacity, seconds, clock, most
        self.policy = f'"key";q={capacity};w={ceil(seconds)}'
        self._buckets: OrderedDict[bytes, _Bucket] = OrderedDict()

    def left(self, caller: bytes) -> float:
        """How many the caller may still take now."""
        bucket = self._buckets.get(caller)
        if bucket is None:
            return self.capacity
        refilled = (self.clock() - bucket.at) * self.capacity / self.seconds
        return min(self.capacity, bucket.level + refilled)

    def wait(self, caller: bytes) -> int:
        """Whole seconds until the caller may take one."""
        return max(0, ceil((1 - self.left(caller)) * self.seconds / self.capacity))

    def told(self, caller: bytes) -> str:
        """How many are left, and whole seconds until the bucket is full."""
        left = self.left(caller)
        return f'"key";r={int(left)};t={ceil((self.capacity - left) * self.seconds / self.capacity)}'

    def take(self, caller: bytes, count: int = 1) -> bool:
        """Takes ``count`` if they are there; -1 gives one back."""
        left = self.left(caller)
        if left < count:
            return False
        self._buckets[caller] = _Bucket(min(self.capacity, left - count), self.clock())
        self._buckets.move_to_end(caller)
        if len(self._buckets) > self.most:
            self._buckets.popitem(last=False)
        return True


class RateLimit:
    """ASGI middleware: counts requests by caller, as ``caller_of`` tells them apart; None is not counted.

    An answer of 304 is free. Refusals are 429 with Retry-After; every counted answer says what is left.
    """

    def __init__(self, app: ASGIApp, buckets: Buckets, caller_of: Callable[[Scope], bytes | None]) -> None:
        self.app, self.buckets, self.caller_of = app, buckets, caller_of
        self._policy = (b"ratelimit-policy", buckets.policy.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = self.caller_of(scope) if scope["type"] == "http" else None
        if caller is None:
            await self.app(scope, receive, send)
            return
        if not self.buckets.take(caller):
            buckets = self.buckets
            told = {"RateLimit-Policy": buckets.policy, "RateLimit": buckets.told(caller)}
            raise Problem("rate_limited", headers={"Retry-After": str(max(1, buckets.wait(caller))), **told})

        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] == 304:
                    self.buckets.take(caller, -1)
                told = (b"ratelimit", self.buckets.told(caller).encode())
                message = {**message, "headers": [*message.get("headers", ()), self._policy, told]}
            await send(message)

        await self.app(scope, receive, sender)

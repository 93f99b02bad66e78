"""What goes on beside requests as long as the service runs: the current release is opened before anybody asks, old ones are closed."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from geo_service.api.live import LiveReleases
    from geo_service.settings import ApiSettings

__all__ = ["running"]

_LOG = logging.getLogger("geo_service.releases")
_LEAST_S = 0.1
_MOST_S = 30.0


@asynccontextmanager
async def running(live: LiveReleases, settings: ApiSettings) -> AsyncIterator[None]:
    """Give questions their threads, and follow the store until the block ends.

    Args:
        live: The releases to follow.
        settings: How many threads; how often the store is looked at.
    """
    to_thread.current_default_thread_limiter().total_tokens = settings.threads
    # So that a busy service finds out too.
    own = CapacityLimiter(1)

    async def follow() -> None:
        while True:
            try:
                await to_thread.run_sync(live.follow, limiter=own)
            except Exception:  # noqa: BLE001 - following goes on, whatever happened to one look
                _LOG.exception("the store cannot be followed")
            await asyncio.sleep(min(max(settings.follow_s, _LEAST_S), _MOST_S))

    following = asyncio.create_task(follow())
    try:
        yield
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following

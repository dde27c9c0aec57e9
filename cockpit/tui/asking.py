"""Asking the bot to do something, and telling the person what it says to that."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from cockpit.tui.link import Answer, CommandRefused, LinkLost


class Tell(Protocol):
    """Says something in passing; with ``bad=True``, that something went wrong."""

    def __call__(self, words: str, *, bad: bool = False) -> None:
        """Says it."""
        ...


async def asked(request: Coroutine[Any, Any, Answer], tell: Tell, done: str = "") -> str:
    """Sends a request, whoever stops waiting for it, and tells what the bot says to it.

    Args:
        request: What the bot is asked.
        tell: Says what it says, unless it says no.
        done: What is said in its place once it is done; empty: its own words.

    Returns:
        Why it was refused; empty where the bot took it.
    """
    try:
        answer = await asyncio.shield(request)
    except (CommandRefused, LinkLost) as error:
        return str(error)
    own = f"{answer.message[:1].upper()}{answer.message[1:]}."
    tell(done if done and answer.done else own)
    return ""

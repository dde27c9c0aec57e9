"""A model's words, on their way from the thread where they arrive to the loop where they are shown."""

import asyncio
import threading
from collections.abc import Callable

from cockpit.agents.providers.api_keys import MaskedStream
from cockpit.domain.plain_text import whole_characters

_MOST_CHARS = 65_536
"""Waiting to be shown; of more than that the last are shown."""


class WordRelay:
    """Hands words on in order, without secrets, and many pieces at once where they come fast."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        on_words: Callable[[str], None] | None,
        secrets: tuple[str, ...],
    ) -> None:
        """Take a listener.

        Args:
            loop: The one that `on_words` is called on.
            on_words: None: words go nowhere.
            secrets: To be masked, the longest first.
        """
        self._loop = loop
        self._on_words = on_words
        self._mask = MaskedStream(secrets)
        self._waiting = ""
        self._lock = threading.Lock()

    def say(self, words: str) -> None:
        """Takes words, on the thread where they arrive."""
        if self._on_words is not None:
            self._pass_on(self._mask.fed(whole_characters(words)))

    def finish(self) -> None:
        """Takes note, on the same thread, that there are no more."""
        if self._on_words is not None:
            self._pass_on(self._mask.rest())

    def stop(self) -> None:
        """Shows nothing more; called on the loop."""
        with self._lock:
            self._on_words = None
            self._waiting = ""

    def _pass_on(self, words: str) -> None:
        with self._lock:
            idle = not self._waiting
            self._waiting = (self._waiting + words)[-_MOST_CHARS:]
            if not words or not idle:
                return
        try:
            self._loop.call_soon_threadsafe(self._show)
        except RuntimeError:  # the loop is closed: nobody is left to read
            self.stop()

    def _show(self) -> None:
        with self._lock:
            words, self._waiting = self._waiting, ""
            listener = self._on_words
        if words and listener is not None:
            listener(words)

"""The journal as server-sent events: from any place on, without gap or repetition, then live.

A stream holds nothing but its place. What it has not sent yet it takes from a short shared memory of
the latest events, or, when that no longer reaches back far enough, from the journal: a client that
reads slowly costs a slow client's reading, and never memory. What models say while they say it goes by
beside the events (`word_feed.py`), to those that have been told everything else.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from cockpit.daemon.control import BotControl
from cockpit.daemon.recent_events import BUNDLE, BUNDLE_CHARS, RecentEvents
from cockpit.daemon.word_feed import WORDS_EVERY_S, WordFeed
from cockpit.domain.events import (
    KIND_OF,
    DebateAbandoned,
    DebateHeld,
    DecisionFailed,
    DecisionMade,
    MarketAdvanced,
    Recorded,
)
from cockpit.journal.codec import encode_event
from cockpit.journal.errors import JournalError, JournalUnavailable
from cockpit.journal.schema import connect_reader

OUTAGE = "outage"
"""The kind of the passing message that tells when the journal goes out and comes back; it has no id."""

HEARTBEAT_S = 0.75
"""A stream is silent no longer than this, so that either end notices when the other is gone."""

_PAUSE_S = 0.02
"""After a bundle that told everything: more than fifty a second nobody can see."""
_LOOK_S = 0.25
"""How often a stream looks whether the journal is out."""
_ALIVE = b":\n"

_AFTER = (
    "SELECT seq, ts_ms, run_id, kind, payload FROM events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
)
_LOG = logging.getLogger(__name__)


class EventFeed:
    """The events of a bot, for any number of streams.

    Attributes:
        streams: How many are open.
        recent: The latest events, for all streams together.
        last_step_s: When the market last advanced, by the monotonic clock; None before the first time.
    """

    def __init__(self, bot: BotControl, monotonic: Callable[[], float]) -> None:
        """Listens to the bot from now on.

        Args:
            bot: Whose events.
            monotonic: Seconds.
        """
        self.streams = 0
        self.last_step_s: float | None = None
        self._bot = bot
        self._monotonic = monotonic
        self.recent = RecentEvents()
        self._news = asyncio.Event()
        self._is_closed = False
        self._words = WordFeed()
        bot.listen(self._take)
        bot.listen_words(self._words.say)
        bot.listen_said(self._words.conclude)

    def close(self) -> None:
        """Ends all streams."""
        self._is_closed = True
        self._wake()

    async def stream(self, since: int, *, words: bool) -> AsyncIterator[bytes]:
        """Server-sent events: every event of the journal after `since`, as long as anyone reads them.

        Args:
            since: The last place of the journal that the reader knows.
            words: Whether what models say is told as well, while they say it, and what roles of debates have
                said.
        """
        self.streams += 1
        try:
            async for bundle in self._bundles(since, _Spoken(self._words) if words else None):
                yield bundle
        except JournalError as error:
            _LOG.warning("an event stream ended: %s", error)
        finally:
            self.streams -= 1

    async def _bundles(self, seq: int, spoken: "_Spoken | None") -> AsyncIterator[bytes]:
        told_outage: str | None = None
        yield _ALIVE
        spoke_s = self._monotonic()
        while not self._is_closed:
            news = self._news
            bundle = b""
            if self._bot.outage != told_outage:
                told_outage = self._bot.outage
                bundle = _outage_frame(told_outage)
            events, seq = await self._events_after(seq)
            bundle += events
            if spoken is not None and seq >= self._bot.state.seq:
                bundle += spoken.news(self._monotonic())
            if not bundle and self._monotonic() - spoke_s >= HEARTBEAT_S:
                bundle = _ALIVE
            if bundle:
                yield bundle
                spoke_s = self._monotonic()
                if seq >= self._bot.state.seq:
                    await asyncio.sleep(_PAUSE_S)
            else:
                await _wait(news, _LOOK_S)

    async def _events_after(self, seq: int) -> tuple[bytes, int]:
        """The next events after a place, and the place after them; what does not count yet is not shown."""
        counts_seq = self._bot.state.seq
        if seq >= counts_seq:
            return b"", seq
        if events := self.recent.after(seq):
            return b"".join(_frame_of(each) for each in events), events[-1].seq
        return await asyncio.to_thread(_read_frames, self._bot.folder.journal, seq, counts_seq)

    def _take(self, recorded: Sequence[Recorded]) -> None:
        self.recent.take(recorded)
        for each in recorded:
            if isinstance(each.event, MarketAdvanced):
                self.last_step_s = self._monotonic()
            elif isinstance(each.event, DecisionMade | DecisionFailed):
                self._words.fall_silent(each.event.agent)
            elif isinstance(each.event, DebateHeld | DebateAbandoned):
                self._words.fall_silent(f"{each.event.agent}#{each.event.debate_id}")
        self._wake()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


class _Spoken:
    """What one stream has told of models' words."""

    def __init__(self, words: WordFeed) -> None:
        self._words = words
        self._told: dict[int, int] = {}
        self._next_s = 0.0

    def news(self, now_s: float) -> bytes:
        """What there is to tell now; nothing too soon after the last."""
        if now_s < self._next_s:
            return b""
        frames, self._told = self._words.frames(self._told)
        if frames:
            self._next_s = now_s + WORDS_EVERY_S
        return frames


async def _wait(news: asyncio.Event, timeout_s: float) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            await news.wait()
    except TimeoutError:
        return


def _read_frames(journal: Path, after_seq: int, until_seq: int) -> tuple[bytes, int]:
    """The next bundle out of the journal's file, on a connection of its own; blocks."""
    frames: list[bytes] = []
    seq, chars = after_seq, 0
    with closing(connect_reader(journal)) as connection:
        for row in connection.execute(_AFTER, (after_seq, until_seq, BUNDLE)):
            chars += len(row[-1])
            if frames and chars > BUNDLE_CHARS:
                break
            frames.append(_frame(*row))
            seq = row[0]
    if not frames:
        raise JournalUnavailable(f"{journal} does not hold the events after {after_seq}: was it moved?")
    return b"".join(frames), seq


def _frame_of(recorded: Recorded) -> bytes:
    payload = encode_event(recorded.event).decode()
    return _frame(recorded.seq, recorded.ts_ms, recorded.run_id, KIND_OF[type(recorded.event)], payload)


def _frame(seq: int, ts_ms: int, run_id: str, kind: str, payload: str) -> bytes:
    # JSON holds its line breaks escaped, so a payload is one line.
    run = msgspec.json.encode(run_id).decode()
    data = f'{{"ts_ms":{ts_ms},"run_id":{run},"payload":{payload}}}'
    return f"id: {seq}\nevent: {kind}\ndata: {data}\n\n".encode()


def _outage_frame(reason: str | None) -> bytes:
    data = msgspec.json.encode({"reason": reason})
    return b"event: " + OUTAGE.encode() + b"\ndata: " + data + b"\n\n"

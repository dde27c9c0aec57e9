"""The stream of events: from any place on, without gap or repetition, however slowly it is read."""

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

import pytest

from cockpit.daemon import embedded_server, request_desk
from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient, BotRefused, OutageNotice
from cockpit.daemon.recent_events import MOST_RECENT
from cockpit.daemon.server import ApiServer
from cockpit.domain.events import JournalOutage, PauseSet, Recorded
from tests.daemon.conftest import STANDING_STILL, OpenBot, commit, plain_http

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _take(client: BotClient, since: int, until: int) -> list[Recorded]:
    """The events of one stream after a place, up to and with another."""
    taken: list[Recorded] = []
    async with asyncio.timeout(20), aclosing(client.events(since)) as events:
        async for event in events:
            assert isinstance(event, Recorded)
            taken.append(event)
            if event.seq >= until:
                break
    return taken


async def _call(path: Path, since: int) -> socket.socket:
    """A peer that has asked for events and reads as the test says."""
    peer = socket.socket(socket.AF_UNIX)
    peer.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(peer, str(path))
    await loop.sock_sendall(peer, f"GET /events?since={since} HTTP/1.1\r\nHost: bot\r\n\r\n".encode())
    return peer


async def test_a_stream_from_the_beginning_is_the_journal(played: BotClient, played_bot: Bot) -> None:
    journal = list(played_bot.journal.events())
    assert len(journal) > 1_000
    assert await _take(played, 0, played_bot.state.seq) == journal


async def test_what_happens_is_streamed_as_it_counts(client: BotClient, bot: Bot) -> None:
    since = bot.state.seq
    async with asyncio.timeout(30), aclosing(client.events(since)) as events:
        for on in (True, False):
            await commit(bot, PauseSet(on=on, by="a test"))
            event = await anext(events)
            assert event == Recorded(bot.state.seq, bot.state.ts_ms, "run-1", PauseSet(on=on, by="a test"))


async def test_a_reader_that_comes_back_misses_and_repeats_nothing(open_bot: OpenBot) -> None:
    market = {"speed": "max", "symbols": ["BTC", "ETH"]}
    agents = [{"name": name} for name in ("ema_cross", "buy_and_hold", "random")]
    bot = await open_bot({"market": market, "agents": agents, "arena": {"rounds": 20}})
    taken: list[Recorded] = []
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        run = asyncio.create_task(bot.run())
        while not run.done() or taken[-1].seq < bot.state.seq:
            known = taken[-1].seq if taken else 0
            taken += await _take(client, known, min(known + 37, bot.state.seq))
    assert taken == list(bot.journal.events())


async def test_the_last_event_id_header_wins_over_the_address(server: ApiServer, bot: Bot) -> None:
    await commit(bot, *(PauseSet(on=bool(each % 2), by="a test") for each in range(5)))
    known = bot.state.seq - 2
    async with (
        plain_http(server) as http,
        http.stream("GET", "/events?since=0", headers={"Last-Event-ID": str(known)}) as answer,
    ):
        lines = answer.aiter_lines()
        ids = [line async for line in _first(lines, "id: ", 2)]
    assert ids == [f"id: {known + 1}", f"id: {known + 2}"]


async def _first(lines, start, count):  # type: ignore[no-untyped-def]
    async for line in lines:
        if line.startswith(start):
            yield line
            count -= 1
            if count == 0:
                return


async def test_without_a_place_only_what_happens_from_now_on_is_told(server: ApiServer, bot: Bot) -> None:
    async with (
        plain_http(server) as http,
        http.stream("GET", "/events") as answer,
    ):
        await commit(bot, PauseSet(on=True, by="a test"))
        ids = [line async for line in _first(answer.aiter_lines(), "id: ", 1)]
    assert ids == [f"id: {bot.state.seq}"]


async def test_a_place_beyond_the_journal_s_end_is_refused(client: BotClient, bot: Bot) -> None:
    end = bot.state.seq
    with pytest.raises(
        BotRefused, match=f"the journal ends at event {end}, before {end + 1}: read /state again"
    ):
        await _take(client, end + 1, end + 2)


async def test_text_with_every_kind_of_line_break_arrives_as_it_was_said(client: BotClient, bot: Bot) -> None:
    said = "a\nb\rc\u2028d\u2029e\x85f\x1cg: h\n\nid: 9"
    since = bot.state.seq
    await commit(bot, PauseSet(on=True, by=said))
    (event,) = await _take(client, since, since + 1)
    assert event.event == PauseSet(on=True, by=said)


async def test_a_reader_that_sleeps_gets_everything_later_and_costs_no_memory(
    server: ApiServer, bot: Bot
) -> None:
    since = bot.state.seq
    peer = await _call(server.folder.socket, since)
    try:
        for _ in range(6):
            await commit(bot, *(PauseSet(on=bool(each % 2), by="x" * 200) for each in range(500)))
            await asyncio.sleep(0.03)
        assert len(server.app.state.context.feed.recent) == MOST_RECENT
        received = await _read_until(peer, f"id: {bot.state.seq}\n".encode())
    finally:
        peer.close()
    ids = [int(each) for each in re.findall(rb"^id: (\d+)$", received, re.MULTILINE)]
    assert ids == list(range(since + 1, since + 3_001))


async def _read_until(peer: socket.socket, end: bytes) -> bytes:
    received = bytearray()
    async with asyncio.timeout(20):
        while end not in received[-70_000:]:
            received += await asyncio.get_running_loop().sock_recv(peer, 65_536)
    return bytes(received)


async def test_the_end_of_a_bot_does_not_wait_for_its_readers(
    open_bot: OpenBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_server, "GRACE_S", 0.05)
    bot = await open_bot(STANDING_STILL)
    server = ApiServer(bot)
    await server.start()
    asleep = await _call(server.folder.socket, 0)
    async with BotClient(server.folder.socket) as client:
        reading = asyncio.create_task(_take(client, bot.state.seq, bot.state.seq + 1))
        for _ in range(3):
            await commit(bot, *(PauseSet(on=bool(each % 2), by="x" * 400) for each in range(500)))
            await asyncio.sleep(0.03)
        await reading
        waiting = asyncio.create_task(_take(client, bot.state.seq, bot.state.seq + 1))
        await asyncio.sleep(0.1)
        async with asyncio.timeout(30):
            await server.stop()
        with pytest.raises(Exception, match=r"ended the conversation|no bot answers"):
            await waiting
    assert not server.folder.socket.exists()
    asleep.close()


async def test_a_journal_that_goes_out_is_told_in_passing_and_once_it_is_back_as_an_event(
    open_bot: OpenBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_desk, "OUTAGE_PATIENCE_S", 0.15)
    monkeypatch.setattr("cockpit.arena.recorder.RETRY_SECONDS", 0.05)
    bot = await open_bot(STANDING_STILL)
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client, asyncio.timeout(30):
        async with aclosing(client.events(bot.state.seq)) as events:
            with _moved_away(bot.folder.journal):
                pausing = asyncio.create_task(client.post("/pause", by="a test"))
                out = await anext(events)
                assert isinstance(out, OutageNotice)
                assert out.reason is not None
                assert "was moved or deleted" in out.reason
                assert (await client.health())["outage"] == out.reason
                with pytest.raises(BotRefused, match="once it can: market time stands still"):
                    await pausing
            told = [await anext(events), await anext(events)]
        (paused,) = [each for each in told if isinstance(each, Recorded)]
        assert paused.event == PauseSet(on=True, by="a test")
        assert OutageNotice(None) in told
        await commit(bot)
        (outage,) = await _take(client, paused.seq, paused.seq + 1)
        assert isinstance(outage.event, JournalOutage)


@contextmanager
def _moved_away(journal: Path) -> Iterator[None]:
    aside = journal.rename(journal.with_suffix(".aside"))
    try:
        yield
    finally:
        aside.rename(journal)

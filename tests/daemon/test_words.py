"""A model's words on their way to whoever looks on: a real model server, a real bot, a real socket."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from itertools import pairwise

import pytest
import pytest_asyncio

from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient, PassingWords
from cockpit.daemon.server import ApiServer
from cockpit.daemon.word_feed import MOST_CHARS, WORDS_EVERY_S
from cockpit.domain.events import DecisionFailed, Recorded
from tests.daemon.conftest import OpenBot, plain_http
from tests.servers.model_server import HOSTILE_TEXTS, ModelServer, Scripted

pytestmark = pytest.mark.asyncio(loop_scope="session")

SAID = "I look at the tape, and at the tape again. " * 30
SLOW = Scripted(text=SAID, piece_chars=20, pause_s=0.015)
"""About a second of words, of which no decision can be made."""


@pytest_asyncio.fixture(loop_scope="session")
async def models() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


async def asking(open_bot: OpenBot, models: ModelServer, rounds: int = 2) -> Bot:
    """A bot with one agent that asks the scripted model."""
    agent = {"name": "robot", "kind": "llm", "model": "openai/scripted-1"}
    return await open_bot(
        {
            "market": {"speed": "max", "symbols": ["BTC"]},
            "arena": {"rounds": rounds},
            "agents": [agent, {"name": "cash"}],
            "models": {"routes": {"openai/scripted-1": {"api_base": models.url}}},
        }
    )


async def told_of(client: BotClient, since: int, rounds: int) -> list[tuple[float, PassingWords | Recorded]]:
    """What a client is told, and when, until so many decisions have failed."""
    told: list[tuple[float, PassingWords | Recorded]] = []
    async with asyncio.timeout(30), aclosing(client.events(since, words=True)) as events:
        async for event in events:
            assert isinstance(event, PassingWords | Recorded)
            told.append((time.monotonic(), event))
            if isinstance(event, Recorded) and isinstance(event.event, DecisionFailed):
                rounds -= 1
                if rounds == 0:
                    break
    return told


async def test_words_come_while_they_are_said_and_are_over_before_the_decision(
    open_bot: OpenBot, models: ModelServer
) -> None:
    models.script(SLOW)
    bot = await asking(open_bot, models)
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        listening = asyncio.create_task(told_of(client, bot.state.seq, rounds=2))
        await bot.run()
        told = await listening
    words = [(at_s, each) for at_s, each in told if isinstance(each, PassingWords)]
    assert {(each.agent, each.role) for _, each in words} == {("robot", "decide")}
    talks = sorted({each.talk for _, each in words})
    assert len(talks) == 2, "another round is another speech"
    for talk in talks:
        mine = [each for _, each in words if each.talk == talk]
        assert len(mine) >= 3, "in pieces, while the model speaks"
        said = "".join(each.text for each in mine)
        assert SAID.startswith(said)
        assert len(said) > len(SAID) // 2
        assert [each.start for each in mine] == [
            sum(len(b.text) for b in mine[:at]) for at in range(len(mine))
        ]
    assert _least_gap_s([at_s for at_s, _ in words]) > WORDS_EVERY_S / 2, "coalesced"
    after = False
    for _, each in told:
        if isinstance(each, Recorded) and isinstance(each.event, DecisionFailed):
            after = True
        assert not (after and isinstance(each, PassingWords) and each.talk == talks[0])


def _least_gap_s(times_s: list[float]) -> float:
    return min(after - before for before, after in pairwise(times_s))


async def test_they_have_no_id_and_who_does_not_want_them_is_not_told(
    open_bot: OpenBot, models: ModelServer
) -> None:
    models.script(replace(SLOW, text=SAID[:400]))
    bot = await asking(open_bot, models, rounds=1)
    async with (
        ApiServer(bot) as server,
        plain_http(server) as http,
        BotClient(server.folder.socket) as client,
    ):
        with_words = asyncio.create_task(_lines(http, "/events?since=0"))
        without = asyncio.create_task(_lines(http, "/events?since=0&words=false"))
        plain = asyncio.create_task(_events(client))
        await bot.run()
        frames = await with_words
        words = [frame for frame in frames if "event: words" in frame]
        assert words
        assert not any("id: " in frame.partition("data: ")[0] for frame in words)
        ids = [frame for frame in frames if frame.startswith("id: ")]
        assert [frame for frame in await without if frame.startswith("id: ")] == ids
        assert "words" not in {frame.partition("event: ")[2].partition("\n")[0] for frame in await without}
        assert await plain == len(ids)


async def _lines(http: object, path: str) -> list[str]:
    text = ""
    async with asyncio.timeout(20), http.stream("GET", path, timeout=20) as answer:  # type: ignore[attr-defined]
        async for piece in answer.aiter_text():
            text += piece
            if "event: decision_failed" in text and text.endswith("\n\n"):
                break
    head, _, tail = text.partition("event: decision_failed")
    frames = (head + "event: decision_failed" + tail.partition("\n\n")[0]).split("\n\n")
    return [frame.removeprefix(":\n") for frame in frames]


async def _events(client: BotClient) -> int:
    count = 0
    async with asyncio.timeout(20), aclosing(client.events(0)) as events:
        async for event in events:
            assert isinstance(event, Recorded)
            count += 1
            if isinstance(event.event, DecisionFailed):
                break
    return count


@pytest.mark.parametrize("names", [["huge"], ["osc", "ansi", "bidi", "zero_width", "surrogate"]])
async def test_whatever_is_said_arrives_as_text_of_bounded_length(
    open_bot: OpenBot, models: ModelServer, names: list[str]
) -> None:
    text = "".join(HOSTILE_TEXTS[name] for name in names)
    models.script(Scripted(text=text, piece_chars=max(10, len(text) // 300), pause_s=0.02))
    bot = await asking(open_bot, models, rounds=1)
    async with ApiServer(bot) as server, BotClient(server.folder.socket) as client:
        listening = asyncio.create_task(told_of(client, bot.state.seq, rounds=1))
        await bot.run()
        words = [each for _, each in await listening if isinstance(each, PassingWords)]
    assert words
    assert all(len(each.text) <= MOST_CHARS for each in words)
    said = "".join(each.text for each in words)
    if len(text) < MOST_CHARS:
        assert text.startswith(said[:-30])
        assert "\x1b]52;c;cm0gLXJm\x07" in said, "as it was said: who shows it makes it harmless"
    else:
        assert words[-1].start + len(words[-1].text) > len(said), "some was left out"

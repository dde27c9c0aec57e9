import asyncio
import threading
import time
from contextlib import aclosing
from dataclasses import replace
from shutil import copy

import pytest

from cockpit.daemon import request_desk
from cockpit.daemon.bot import Bot
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.lock import BotLock
from cockpit.daemon.remembered_settings import remember_settings
from cockpit.daemon.server import ApiServer
from cockpit.domain.decisions import ModelCall
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import ModelCalled
from cockpit.domain.market import Micros
from cockpit.journal.errors import JournalUnavailable, UnknownIdent
from cockpit.settings.resolve import resolve
from cockpit.tui.answers import call_entry, day_spending, trail_of
from cockpit.tui.bot_link import SocketLink
from cockpit.tui.debate_answers import debate_entry, whole_debate
from cockpit.tui.link import Answer, CommandRefused, LinkLost, Said, Words
from cockpit.tui.spending import Spent
from tests.tui import debate_facts
from tests.tui.test_minds import minds_link


@pytest.fixture
def folder(tmp_path):
    return BotFolder(tmp_path / "arena")


async def test_a_bot_that_does_not_run_is_told_as_such(folder):
    link = SocketLink(folder, lambda: None)
    assert not link.is_running()
    with pytest.raises(LinkLost, match="no bot answers"):
        await link.attach()
    with pytest.raises(LinkLost):
        await link.facts()
    with pytest.raises(LinkLost):
        await link.limits()
    with pytest.raises(JournalUnavailable, match="no bot has run there yet"):
        await link.look_up("/orders")
    with pytest.raises(LinkLost):
        await link.send("/pause")
    with pytest.raises(LinkLost):
        await anext(link.messages(0))
    await link.close()


async def test_without_a_bot_a_trail_is_read_from_its_journal(folder, link):
    folder.root.mkdir(parents=True)
    copy(await link.journal(), folder.journal)
    trail = trail_of(await SocketLink(folder, lambda: None).look_up("/audit/order:1"))
    assert trail.ident == "order:1"
    assert any(step.asked for step in trail.steps)
    with pytest.raises(UnknownIdent, match="has no order:9999"):
        await SocketLink(folder, lambda: None).look_up("/audit/order:9999")


async def test_without_a_bot_a_question_to_a_model_is_read_from_its_journal(folder):
    folder.root.mkdir(parents=True)
    minds = minds_link()  # its journal goes with it
    copy(await minds.journal(), folder.journal)
    call = await SocketLink(folder, lambda: None).look_up("/calls/1")
    assert (call["agent"], call["role"]) == ("robot", "decide")
    assert "messages" in call["request"]
    with pytest.raises(UnknownIdent, match="run run-1 has no model call 99"):
        await SocketLink(folder, lambda: None).look_up("/calls/99")


async def test_without_a_bot_debates_are_read_from_its_journal(folder):
    folder.root.mkdir(parents=True)
    debating = debate_facts.debating_link()
    for _ in range(3):
        debate_facts.held(debating, debate_facts.full())
    copy(await debating.journal(), folder.journal)
    link = SocketLink(folder, lambda: None)
    assert [row["debate_id"] for row in await link.look_up("/debates", before=None, limit=2)] == [3, 2]
    (row,) = await link.look_up("/debates", before=2, limit=50)
    assert (debate_entry(row).agreement, debate_entry(row).debate) == (0.6, None)
    whole = whole_debate(await link.look_up("/debates/2"))
    assert debate_entry(row).sides == whole.sides == {debate_facts.BTC: "long"}
    assert (whole.debate_id, len(whole.debate.messages), whole.debate.shadow.role) == (2, 6, "shadow")
    with pytest.raises(UnknownIdent, match="run run-1 has no debate 9"):
        await link.look_up("/debates/9")


async def test_what_a_role_has_said_is_passed_on_and_debates_are_asked_for_and_told(folder):
    settings = resolve(environment={}, flags={"market": {"speed": 0.001, "symbols": ["BTC"]}}).settings
    wall_ms = time.time_ns() // 1_000_000
    bot = await Bot.open(folder, settings, new=True, run_id="run-1", wall_ms=wall_ms)
    bot_link = SocketLink(folder, lambda: None)
    message = debate_facts.said("bull")
    async with ApiServer(bot) as server:
        server.app.state.context.feed._words.conclude("cash#1", message)
        async with asyncio.timeout(30), aclosing(bot_link.messages(bot.state.seq)) as messages:
            assert await anext(messages) == Said(agent="cash#1", message=message)
        with pytest.raises(CommandRefused, match="nobody debates here"):
            await bot_link.send("/debates", agent="cash", symbol="BTC", execute=False)
        bot_link.is_running = lambda: True
        assert await bot_link.look_up("/debates", before=None, limit=10) == []
        with pytest.raises(LinkLost, match="has no debate 1"):
            await bot_link.look_up("/debates/1")
        await bot_link.close()
    await bot.close("the test is over")


async def test_a_bot_tells_its_questions_to_models_and_what_they_cost_and_passes_words_on(folder):
    settings = resolve(environment={}, flags={"market": {"speed": 0.001, "symbols": ["BTC"]}}).settings
    wall_ms = time.time_ns() // 1_000_000
    bot = await Bot.open(folder, settings, new=True, run_id="run-1", wall_ms=wall_ms)
    link = SocketLink(folder, lambda: None)
    asked = ModelCall(role="decide", model="m/m", key="k", request="{}", cost=Micros(1_500), attempts=1)
    asked = replace(asked, asked_ms=wall_ms)
    async with ApiServer(bot) as server:
        bot.coordinator.recorder.emit(ModelCalled(call_id=1, agent="cash", round=1, call=asked))
        await bot.coordinator.recorder.commit()
        link.is_running = lambda: True  # though nobody holds the lock
        (row,) = await link.look_up("/calls", agent="cash", limit=10)
        assert call_entry(row).cost == Micros(1_500)
        assert (await link.look_up("/calls/1"))["key"] == "k"
        with pytest.raises(LinkLost, match="no model call 2"):
            await link.look_up("/calls/2")
        assert day_spending(await link.look_up("/costs")).agents == {"cash": Spent(calls=1, cost=1_500)}
        server.app.state.context.feed._words.say("cash", "decide", "\x1b[31mhold")
        async with asyncio.timeout(30), aclosing(link.messages(bot.state.seq)) as messages:
            assert await anext(messages) == Words(
                agent="cash", role="decide", talk=1, start=0, text="\x1b[31mhold"
            )
        await link.close()
    await bot.close("the test is over")


async def test_a_lock_that_is_held_is_a_bot_that_runs(folder):
    lock = BotLock(folder)
    lock.acquire()
    try:
        assert SocketLink(folder, lambda: None).is_running()
    finally:
        lock.release()


async def test_a_start_that_fails_is_refused_in_its_own_words(folder):
    def start() -> None:
        raise CockpitError("no such market; see --market")

    with pytest.raises(CommandRefused, match="no such market"):
        await SocketLink(folder, start).start()


async def test_a_start_that_somebody_else_won_is_no_failure(folder):
    lock = BotLock(folder)
    lock.acquire()

    def start() -> None:
        raise CockpitError("the bot is running already")

    try:
        await SocketLink(folder, start).start()
    finally:
        lock.release()


async def test_a_start_runs_in_a_thread_of_its_own(folder):
    threads = []
    await SocketLink(folder, lambda: threads.append(threading.get_ident())).start()
    assert threads != [threading.get_ident()]


async def test_what_was_asked_for_is_told_as_done_only_when_it_is(folder, monkeypatch):
    monkeypatch.setattr(request_desk, "OUTAGE_PATIENCE_S", 0.05)
    monkeypatch.setattr(request_desk, "PATIENCE_S", 0.1)
    settings = resolve(environment={}, flags={"market": {"speed": 0.001, "symbols": ["BTC"]}}).settings
    wall_ms = time.time_ns() // 1_000_000
    bot = await Bot.open(folder, settings, new=True, run_id="run-1", wall_ms=wall_ms)
    link = SocketLink(folder, lambda: None)
    async with ApiServer(bot):
        assert await link.send("/kill") == Answer(done=True, message="the kill switch is on")
        async with bot.coordinator.between_steps:
            answer = await link.send("/unkill")
        assert answer == Answer(done=False, message="after the round in progress: the kill switch is off")
        await link.close()
    await bot.close("the test is over")


async def test_without_a_bot_its_runs_and_library_are_told_by_its_journal(folder, link):
    stopped = SocketLink(folder, lambda: None)
    with pytest.raises(JournalUnavailable, match="no bot has run there yet"):
        await stopped.look_up("/runs", limit=5)
    folder.root.mkdir(parents=True)
    copy(await link.journal(), folder.journal)
    (run,) = await stopped.look_up("/runs", limit=5)
    detail = await stopped.look_up(f"/runs/{run['run_id']}")
    assert [each["agent"] for each in detail["contestants"]] == list((await link.attach()).agents)
    assert (await stopped.look_up("/reliability", window="1h"))["window"] == "1h"
    assert all(each["agents"] == [] for each in await stopped.look_up("/strategies"))
    remember_settings(folder.settings, resolve(environment={}, flags={"agents": [{"name": "cash"}]}).settings)
    runners = [each["name"] for each in await stopped.look_up("/strategies") if each["agents"]]
    assert runners == ["cash"]

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
from cockpit.daemon.server import ApiServer
from cockpit.domain.decisions import ModelCall
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import ModelCalled
from cockpit.domain.market import Micros
from cockpit.journal.errors import UnknownIdent
from cockpit.settings.resolve import resolve
from cockpit.tui.answers import call_entry, day_spending
from cockpit.tui.bot_link import SocketLink
from cockpit.tui.link import Answer, CommandRefused, LinkLost, Words
from cockpit.tui.spending import Spent
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
    with pytest.raises(LinkLost):
        await link.ended_orders(10)
    with pytest.raises(LinkLost):
        await link.model_calls("robot", 10)
    with pytest.raises(LinkLost):
        await link.model_costs()
    with pytest.raises(LinkLost):
        await link.send("/pause")
    with pytest.raises(LinkLost):
        await anext(link.messages(0))
    await link.close()


async def test_without_a_bot_a_trail_is_read_from_its_journal(folder, link):
    folder.root.mkdir(parents=True)
    copy(await link.journal(), folder.journal)
    trail = await SocketLink(folder, lambda: None).audit("order:1")
    assert trail.ident == "order:1"
    assert any(step.asked for step in trail.steps)
    with pytest.raises(UnknownIdent, match="has no order:9999"):
        await SocketLink(folder, lambda: None).audit("order:9999")


async def test_without_a_bot_a_question_to_a_model_is_read_from_its_journal(folder):
    folder.root.mkdir(parents=True)
    minds = minds_link()  # its journal goes with it
    copy(await minds.journal(), folder.journal)
    call = await SocketLink(folder, lambda: None).model_call(1)
    assert (call["agent"], call["role"]) == ("robot", "decide")
    assert "messages" in call["request"]
    with pytest.raises(UnknownIdent, match="run run-1 has no model call 99"):
        await SocketLink(folder, lambda: None).model_call(99)


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
        (row,) = await link.model_calls("cash", 10)
        assert call_entry(row).cost == Micros(1_500)
        assert (await link.model_call(1))["key"] == "k"
        with pytest.raises(UnknownIdent, match="no model call 2"):  # from the journal: nobody holds the lock
            await link.model_call(2)
        assert day_spending(await link.model_costs()).agents == {"cash": Spent(calls=1, cost=1_500)}
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

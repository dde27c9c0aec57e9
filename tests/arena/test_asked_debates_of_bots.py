"""Debates that somebody asks a whole bot for, with a provider on real sockets."""

import asyncio

import pytest

from cockpit.arena.controls import ControlRefused
from cockpit.domain.events import (
    BotStarted,
    BotStopped,
    DebateAbandoned,
    DebateAsked,
    DebateHeld,
    DecisionMade,
    ModelCalled,
    OrderCreated,
    OrderFilled,
    RoundClosed,
)
from cockpit.journal.codec import encode_state
from cockpit.journal.journal import Journal
from tests.agents.debate.debate_stage import statement
from tests.arena.mind_bot import BUY, SHORT, events_of, flags, opened, read_models, rows, said
from tests.servers.model_server import ModelServer, Scripted

BULL, BEAR, JUDGE = "openai/bull", "openai/bear", "openai/judge"
PANEL = {
    "name": "panel",
    "kind": "debate",
    "model": JUDGE,
    "mind": SHORT
    | {
        "debate": {
            "analysts": ["bull", "bear"],
            "models": {"bull": BULL, "bear": BEAR},
            "quorum": 2,
            "tools": False,
        }
    },
}
HOLD = said(BTC={"signal": "hold", "confidence": 0.5})
SLOWLY = Scripted(text=statement("short"), first_after_s=30.0)


@pytest.fixture
async def server():
    async with ModelServer() as server:
        server.script(Scripted(text=statement()), model="bull")
        server.script(Scripted(text=statement("short")), model="bear")
        server.script(Scripted(text=said(BTC=BUY)), model="judge")
        yield server


def arena(server, **sections):
    route = {"api_base": server.url, "input_price": 2.0, "output_price": 10.0}
    return flags(server, [PANEL], routes=dict.fromkeys((BULL, BEAR), route), rounds=6, **sections)


class Playing:
    """A bot that runs, is paused, and tells when a debate is over."""

    def __init__(self, bot):
        self.bot = bot
        self.over = asyncio.Event()
        self.closed = asyncio.Event()
        bot.listen(self._look)

    async def begin(self, *, paused):
        if paused:
            await self.bot.pause("a test")
        self.run = asyncio.create_task(self.bot.run())
        if not paused:
            await self.closed.wait()
            await self.bot.pause("a test")

    async def debate(self, **how):
        """One debate, to its end."""
        debate_id = await self.bot.debate(**({"symbol": "BTC", "agent": None, "by": "alice"} | how))
        async with asyncio.timeout(45):
            await self.over.wait()
        return debate_id

    async def finish(self):
        await self.bot.resume("a test")
        async with asyncio.timeout(40):
            await self.bot.close(await self.run)

    async def stop(self):
        self.bot.request_stop(now=True, flatten=False)
        await self.bot.close(await self.run)

    def _look(self, recorded):
        for each in recorded:
            if isinstance(each.event, RoundClosed):
                self.closed.set()
            elif isinstance(each.event, DebateAbandoned) or getattr(each.event, "asked", False):
                self.over.set()


async def playing(path, given, *, paused=True):
    play = Playing(await opened(path, given))
    await play.begin(paused=paused)
    return play


def asked_in(path):
    (held,) = (each for each in events_of(path, DebateHeld) if each.asked)
    return held


async def test_a_paused_bot_debates_and_goes_on_with_what_it_came_to(server, tmp_path):
    server.script(Scripted(text=HOLD), model="judge")
    play = await playing(tmp_path, arena(server), paused=False)
    heard, words = [], []
    play.bot.listen_said(lambda speaker, message: heard.append((speaker, message.role)))
    play.bot.listen_words(lambda speaker, role, piece: words.append(speaker))
    server.script(Scripted(text=said(BTC=BUY)), model="judge")
    debate_id = await play.debate(agent="panel", execute=True)
    speaker = f"panel#{debate_id}"
    assert sorted(heard) == [(speaker, role) for role in ("bear", "bull", "judge")]
    assert set(words) == {speaker}
    server.script(Scripted(text=HOLD), model="judge")
    await play.finish()
    held = asked_in(tmp_path)
    orders = (each.order for each in events_of(tmp_path, OrderCreated))
    bought = next(each for each in orders if each.agent == "panel")
    assert bought.decision_id == held.decision_id
    assert any(each.decision_id == held.decision_id for each in events_of(tmp_path, DecisionMade))
    assert any(each.fill.order_id == bought.order_id for each in events_of(tmp_path, OrderFilled))
    assert len(events_of(tmp_path, RoundClosed)) == 6
    calls = [each for each in events_of(tmp_path, ModelCalled) if each.debate_id == debate_id]
    assert [each.call.role for each in calls] == ["bull", "bear", "judge"]
    assert play.bot.state.agents["panel"].model_use.calls == 3 * 7
    outcomes = rows(tmp_path, "SELECT debate_id, order_id FROM debate_outcomes ORDER BY order_id")
    assert outcomes[0] == (debate_id, bought.order_id)


@pytest.mark.parametrize("execute", [True, False])
async def test_before_the_market_has_told_a_price_it_goes_by_the_last_close_alone(server, tmp_path, execute):
    play = await playing(tmp_path, arena(server))
    await play.debate(execute=execute)
    await play.stop()
    held = asked_in(tmp_path)
    assert (held.round, held.decision_id, len(held.proposal)) == (0, None, 1)
    assert held.checks == ("not acted upon: BTC/USDC:USDC has no price in this run yet",)
    assert not events_of(tmp_path, OrderCreated, DecisionMade)


async def test_who_can_t_is_passed_over_where_nobody_is_named(server, tmp_path, monkeypatch):
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    given = arena(server)
    mute = {"name": "mute", "kind": "debate", "model": "deepseek/deepseek-chat", "mind": SHORT}
    play = await playing(tmp_path, given | {"agents": [mute, *given["agents"]]})
    server.script(SLOWLY, model="bear")
    await play.bot.debate(symbol="BTC", agent=None, execute=False, by="alice")
    with pytest.raises(ControlRefused, match="mute can't debate: there is no key"):
        await play.bot.debate(symbol="BTC", agent=None, execute=False, by="bob")
    async with asyncio.timeout(30):
        while len(server.requests) < 2:
            await asyncio.sleep(0.01)
    await play.stop()
    assert [(each.agent, each.by) for each in events_of(tmp_path, DebateAsked)] == [("panel", "alice")]


async def test_a_stop_does_not_wait_for_it_and_says_so(server, tmp_path):
    server.script(SLOWLY, model="bear")
    play = await playing(tmp_path, arena(server))
    debate_id = await play.bot.debate(symbol="BTC", agent=None, execute=True, by="alice")
    await asyncio.sleep(0.1)
    async with asyncio.timeout(15):
        await play.stop()
    *_, abandoned, stopped = events_of(tmp_path)
    assert abandoned == DebateAbandoned(debate_id=debate_id, agent="panel", reason="the bot was stopped")
    assert isinstance(stopped, BotStopped)
    assert play.bot.state.debates_under_way == {}


async def test_after_a_crash_it_is_told_abandoned_and_read_models_can_be_made_anew(server, tmp_path):
    server.script(SLOWLY, model="bear")
    play = await playing(tmp_path, arena(server))
    await play.bot.debate(symbol="BTC", agent=None, execute=True, by="alice")
    play.run.cancel()  # as kill -9 leaves it: nothing more is written
    await asyncio.wait({play.run})
    await play.bot.coordinator.debates.aclose()
    play.bot.journal.close()
    before = encode_state(play.bot.state)
    again = await opened(tmp_path, arena(server), new=False)
    *_, asked, abandoned, started = events_of(tmp_path)
    assert isinstance(asked, DebateAsked)
    assert abandoned.reason == "the bot was interrupted"
    assert isinstance(started, BotStarted)
    assert encode_state(again.state) != before
    assert again.state.debates_under_way == {}
    await again.close("enough")
    models = read_models(tmp_path)
    assert [each[0] for each in rows(tmp_path, "SELECT status FROM debate_sessions")] == ["abandoned"]
    journal = Journal.open(tmp_path / "journal.sqlite")
    journal.rebuild()
    journal.close()
    assert read_models(tmp_path) == models

"""Models are asked about recorded candles only once a person has accepted what that costs, run by run."""

import time

import pytest

from cockpit.agents.models.tape_writer import TapeWriter
from cockpit.daemon.bot import Bot
from cockpit.daemon.consent import Consent, CostNotAccepted, cost_question, new_run_estimate
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.hosting import Hosting
from cockpit.daemon.runs import RunDiffers
from cockpit.domain.events import BotStarted, RunFinished
from cockpit.journal.consent_reading import cost_was_accepted
from cockpit.journal.journal import Journal
from cockpit.journal.reading import read_events
from cockpit.settings.resolve import resolve
from tests.arena.mind_bot import mind
from tests.arena.recorded_hours import HOUR_MS, HOURS, NEW_YEAR, hours_in

ROUNDS = 3


@pytest.fixture(scope="module")
def candles(tmp_path_factory):
    return hours_in(tmp_path_factory.mktemp("candles"))


@pytest.fixture
def folder(tmp_path):
    return BotFolder(tmp_path / "arena")


def settings_of(candles, *, market=None, agent=None, models=None, **arena):
    route = {"api_base": "http://127.0.0.1:9/v1", "input_price": 2.0, "output_price": 10.0}
    given = {
        "market": market or {"kind": "replay", "data": str(candles), "speed": "max"},
        "arena": {"interval": "1h", "rounds": ROUNDS} | arena,
        "models": {"routes": {"openai/fox": route}, "attempts": 1} | (models or {}),
        "agents": [agent or mind("fox", timeframes=["1h", "4h"]), {"name": "cash"}],
    }
    return resolve(environment={}, flags=given).settings


async def opened(folder, settings, consent=Consent.MISSING, *, new=False, run_id="run-1"):
    now_ms = time.time_ns() // 1_000_000
    return await Bot.open(folder, settings, new=new, run_id=run_id, wall_ms=now_ms, consent=consent)


async def left(folder, settings, consent=Consent.MISSING, **how):
    """A bot that was started, and stopped before it did anything."""
    bot = await opened(folder, settings, consent, **how)
    await bot.close("a person stopped it")


def started(folder):
    return [each.event for each in read_events(folder.journal) if isinstance(each.event, BotStarted)]


# without a yes


async def test_a_bot_does_not_begin_such_a_run_unless_its_cost_is_accepted(candles, folder):
    with pytest.raises(CostNotAccepted, match="--accept-cost") as refused:
        await opened(folder, settings_of(candles))
    assert refused.value.exit_code == 2
    assert "\n" not in str(refused.value)
    assert not folder.journal.exists()


@pytest.mark.parametrize(
    "how",
    [
        {"models": {"mode": "replay"}},
        {"market": {"symbols": ["BTC"]}, "interval": "3m", "agent": mind("fox", timeframes=["1m", "3m"])},
        {"agent": mind("fox", model="deepseek/deepseek-chat", timeframes=["1h", "4h"])},
        {"agent": {"name": "buy_and_hold"}},
    ],
    ids=["calls are replayed", "the market is simulated", "nobody has a key", "nobody asks models"],
)
async def test_where_nobody_would_be_asked_about_the_past_nobody_has_to_say_yes(candles, folder, how):
    settings = settings_of(candles, **how)
    assert await cost_question(folder, settings, new=True) is None
    if settings.models.mode == "replay":
        folder.root.mkdir()
        TapeWriter(folder.root / "calls.jsonl").close()
    await left(folder, settings)
    assert [each.cost_accepted for each in started(folder)] == [False]


# one yes is for one run


async def test_a_run_that_was_accepted_goes_on_without_another_question(candles, folder):
    settings = settings_of(candles)
    await left(folder, settings, Consent.GIVEN)
    assert cost_was_accepted(folder.journal, "run-1")
    assert await cost_question(folder, settings, new=False) is None
    await left(folder, settings)
    await left(folder, settings)
    assert [each.cost_accepted for each in started(folder)] == [True, False, False]


async def test_a_new_run_is_another_question(candles, folder):
    settings = settings_of(candles)
    await left(folder, settings, Consent.GIVEN)
    assert await cost_question(folder, settings, new=True) is not None
    with pytest.raises(CostNotAccepted):
        await opened(folder, settings, new=True, run_id="run-2")
    await left(folder, settings, Consent.GIVEN, new=True, run_id="run-2")
    assert [cost_was_accepted(folder.journal, name) for name in ("run-1", "run-2", "run-3")] == [
        True,
        True,
        False,
    ]


async def test_after_a_run_is_over_the_next_one_is_asked_for(candles, folder):
    settings = settings_of(candles)
    await left(folder, settings, Consent.GIVEN)
    journal = Journal.open(folder.journal)
    await journal.commit("run-1", NEW_YEAR + HOURS * HOUR_MS, [RunFinished(reason="it was long enough")])
    journal.close()
    with pytest.raises(CostNotAccepted):
        await opened(folder, settings, run_id="run-2")
    assert await cost_question(folder, settings, new=False) is not None


async def test_a_run_begun_without_asking_anybody_needs_a_yes_before_models_are_asked(
    candles, folder, monkeypatch
):
    """Nobody had a key when it began; since then somebody has set one, which makes no other run of it."""
    settings = settings_of(
        candles, agent=mind("fox", model="deepseek/deepseek-chat", timeframes=["1h", "4h"])
    )
    await left(folder, settings)
    monkeypatch.setenv("DEEPSEEK_API_KEY", "planted-0123456789")
    with pytest.raises(CostNotAccepted):
        await opened(folder, settings)
    assert await cost_question(folder, settings, new=False) is not None
    await left(folder, settings, Consent.GIVEN)
    assert await cost_question(folder, settings, new=False) is None


async def test_that_a_run_can_t_be_gone_on_with_is_said_before_anything_is_asked(candles, folder):
    await left(folder, settings_of(candles), Consent.GIVEN)
    others = settings_of(candles, interval="2h")
    assert await cost_question(folder, others, new=False) is None
    with pytest.raises(RunDiffers):
        await opened(folder, others)


# who needs none


def test_an_emergency_stop_and_an_errand_play_no_round():
    async def errand():
        """Nothing."""

    assert Hosting(new=False, foreground=False).consent is Consent.MISSING
    assert Hosting(new=False, foreground=False, cost_accepted=True).consent is Consent.GIVEN
    assert Hosting(new=False, foreground=False, emergency_by="me").consent is Consent.NOT_NEEDED
    assert Hosting(new=False, foreground=True, errand=errand).consent is Consent.NOT_NEEDED


async def test_what_needs_no_yes_gives_none_for_the_run(candles, folder):
    settings = settings_of(candles)
    await left(folder, settings, Consent.NOT_NEEDED)
    assert [each.cost_accepted for each in started(folder)] == [False]
    assert await cost_question(folder, settings, new=False) is not None


# what is asked


async def test_the_question_has_the_estimate_and_what_models_may_know(candles, folder):
    question = await cost_question(folder, settings_of(candles), new=True)
    assert (question.estimate.cost.rounds, question.estimate.cost.together.usual.calls) == (ROUNDS, ROUNDS)
    assert [line.partition(",")[0] for line in question.warnings] == [
        "fox: look-ahead: how far openai/fox's knowledge reaches is unknown"
    ]
    assert not folder.root.exists()


async def test_what_a_run_would_cost_can_be_asked_on_any_market(candles, folder):
    agent = mind("fox", timeframes=["1m", "3m"])
    simulated = settings_of(candles, market={"symbols": ["BTC"]}, interval="3m", agent=agent)
    found = await new_run_estimate(folder, simulated)
    assert (found.estimate.cost.rounds, found.warnings) == (ROUNDS, ())
    assert await new_run_estimate(folder, settings_of(candles, agent={"name": "buy_and_hold"})) is None
    assert await new_run_estimate(folder, settings_of(candles, models={"mode": "replay"})) is None

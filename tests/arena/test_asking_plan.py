"""What an arena would ask models, by the forms its agents have, measured on its first view."""

import asyncio

import pytest

from cockpit.agents.models.cost_estimate import token_estimate, usual_output
from cockpit.agents.models.model_call import ModelReply
from cockpit.arena.asking_plan import ESCALATED_SHARE, asks_on_recorded_candles, run_estimate
from cockpit.arena.assembly import assemble
from cockpit.arena.opening import first_state, present_view
from cockpit.arena.rounds import account_view
from cockpit.arena.run_span import ends_by_ms, market_end_ms, rounds_to_play
from cockpit.settings.resolve import resolve
from tests.agents.debate.debate_stage import VERDICT, statement
from tests.arena.mind_bot import mind, opened
from tests.arena.recorded_hours import HISTORY_HOURS, HOUR_MS, HOURS, hours_in

FOX, CUB, OWL = "openai/fox", "openai/cub", "openai/owl"
HERE = {"api_base": "http://127.0.0.1:9/v1"}
ROUTES = {
    FOX: HERE | {"input_price": 2.0, "output_price": 10.0},
    CUB: HERE | {"input_price": 0.5, "output_price": 1.0},
    OWL: HERE,
}
SHOWN = {"timeframes": ["1h", "4h"]}


@pytest.fixture(scope="module")
def candles(tmp_path_factory):
    return hours_in(tmp_path_factory.mktemp("candles"))


def debater(max_tokens=4_000, **debate):
    mind = SHOWN | {"max_tokens": max_tokens, "debate": debate}
    return {"name": "fox", "kind": "debate", "model": FOX, "mind": mind}


def thinker(**how):
    return mind("fox", **SHOWN, **how)


def arena(candles, *agents, market=None, models=None, **of_arena):
    given = {
        "market": market or {"kind": "replay", "data": str(candles), "speed": "max"},
        "arena": {"interval": "1h"} | of_arena,
        "models": {"routes": ROUTES} | (models or {}),
        "agents": [*agents, {"name": "cash"}],
    }
    settings = resolve(environment={}, flags=given).settings
    return settings, assemble(settings, "test", {})


def estimated(*given, **options):
    return asyncio.run(run_estimate(*arena(*given, **options)))


def lines(estimate):
    return {(each.model, each.roles): (each.usual.calls, each.most.calls) for each in estimate.cost.models}


async def first_tokens(settings, parts, role):
    state = first_state(parts)
    view = await present_view(parts, state)
    return token_estimate(parts.agents["fox"].prompts(view, account_view(state, "fox"))[role])


# how many rounds, how many calls


@pytest.mark.parametrize(
    ("of_arena", "rounds"),
    [
        ({}, HOURS - HISTORY_HOURS),
        ({"rounds": 48}, 48),
        ({"rounds": 1_000}, 120),
        ({"duration": "50h"}, 50),
        ({"duration": "50h", "rounds": 49}, 49),
        ({"interval": "4h"}, 30),
        ({"interval": "7h"}, 17),
    ],
)
def test_a_run_on_recorded_candles_has_the_rounds_that_are_left_of_them(candles, of_arena, rounds):
    estimate = estimated(candles, thinker(), **of_arena)
    assert (estimate.cost.rounds, estimate.has_end) == (rounds, True)
    assert lines(estimate) == {(FOX, ("decide",)): (rounds, rounds)}


async def test_as_many_rounds_are_held_as_were_counted_before(candles, tmp_path):
    given = {
        "market": {"kind": "replay", "data": str(candles), "speed": "max"},
        "arena": {"interval": "7h"},
        "agents": [{"name": "cash"}],
    }
    parts = assemble(resolve(environment={}, flags=given).settings, "test", {})
    bot = await opened(tmp_path / "arena", given)
    try:
        assert await bot.run() == "the market's data came to its end"
        held = bot.state.rounds_closed
    finally:
        await bot.close("the run is over")
    assert held == rounds_to_play(parts.agreement, market_end_ms(parts.market)) == 17


def test_a_run_without_an_end_is_estimated_by_the_day(candles):
    estimate = estimated(
        candles, mind("fox", timeframes=["1m", "3m"]), market={"symbols": ["BTC"]}, interval="3m"
    )
    assert (estimate.cost.rounds, estimate.has_end) == (480, False)


@pytest.mark.parametrize(
    ("agent", "repair", "expected"),
    [
        (thinker(), None, {(FOX, ("decide",)): (100, 100)}),
        (thinker(), CUB, {(FOX, ("decide",)): (100, 100), (CUB, ("repair",)): (0, 100)}),
        (
            thinker(routing={"cheap": [CUB, OWL]}),
            CUB,
            {
                (CUB, ("cheap", "repair")): (100, 400),
                (OWL, ("cheap_2",)): (100, 100),
                (FOX, ("powerful",)): (25, 100),
            },
        ),
        (
            debater(analysts=["bull", "bear"], quorum=1, tools=False),
            None,
            {(FOX, ("bull", "bear", "judge")): (300, 300)},
        ),
        (
            debater(
                analysts=["bull", "bear"],
                quorum=1,
                rebuttals=2,
                shadow=True,
                models={"judge": OWL},
            ),
            None,
            # six statements, before each of which three look-ups may stand; then the judge and its shadow
            {(FOX, ("bull", "bear")): (600, 2_400), (OWL, ("judge", "shadow")): (200, 200)},
        ),
    ],
    ids=["alone", "repaired", "routed", "debate", "debate of many turns"],
)
def test_calls_per_round_are_those_of_an_agent_s_form(candles, agent, repair, expected):
    models = {} if repair is None else {"repair": repair}
    assert lines(estimated(candles, agent, models=models, rounds=100)) == expected


# how many tokens, how many dollars


async def test_a_decision_s_tokens_are_those_of_the_first_prompt(candles):
    given = arena(candles, thinker(max_tokens=1_000), rounds=10)
    tokens = await first_tokens(*given, "decide")
    assert 1_000 < tokens < 5_000
    estimate = await run_estimate(*given)
    (fox,) = estimate.cost.models
    assert (fox.usual.input_tokens, fox.usual.output_tokens) == (10 * tokens, 10 * 250)
    assert fox.usual.cost == 10 * (2 * tokens + 10 * 250)
    assert fox.most.cost == 10 * (2 * tokens + 10 * 1_000)


async def test_whoever_speaks_later_is_shown_what_was_said_before(candles):
    """Two analysts, two turns: in the second each is shown both statements, and the judge all four."""
    held = {"analysts": ["bull", "bear"], "quorum": 1, "rebuttals": 1, "tools": False}
    agent = debater(max_tokens=6_000, models={"judge": OWL}, **held)
    given = arena(candles, agent, rounds=1)
    bull, bear, judge = [await first_tokens(*given, role) for role in ("bull", "bear", "shadow")]
    estimate = await run_estimate(*given)
    analysts, judged = estimate.cost.models
    said, longest = usual_output(6_000), 6_000
    assert analysts.usual.input_tokens == 2 * (bull + bear) + 2 * 2 * said
    assert analysts.most.input_tokens == 2 * (bull + bear) + 2 * 2 * longest
    assert judged.usual.input_tokens == judge + 4 * said
    assert judged.most.input_tokens == judge + 4 * longest


@pytest.mark.parametrize(
    "agent",
    [
        thinker(max_tokens=6_000),
        debater(max_tokens=6_000, analysts=["bull", "bear"], quorum=1, rebuttals=1, shadow=True, tools=False),
    ],
    ids=["alone", "debate"],
)
async def test_answers_may_be_as_long_as_was_counted_before(candles, agent, monkeypatch):
    settings, parts = arena(candles, agent, rounds=1)
    answers = {"judge": VERDICT, "shadow": VERDICT, "decide": VERDICT}
    asked = []

    async def call(request, purpose):
        asked.append(request.max_tokens)
        return ModelReply(text=answers.get(purpose.role, statement()))

    monkeypatch.setattr(parts.minds.switchboard, "call", call)
    estimate = await run_estimate(settings, parts)
    state = first_state(parts)
    await parts.agents["fox"].decide(await present_view(parts, state), account_view(state, "fox"))
    together = estimate.cost.together.most
    assert (together.calls, together.output_tokens) == (len(asked), sum(asked))


async def test_a_powerful_model_may_be_shown_what_the_cheap_ones_said(candles):
    routing = {"cheap": [CUB, OWL], "show_cheap": True}
    given = arena(candles, thinker(routing=routing, max_tokens=1_000), rounds=4)
    tokens = await first_tokens(*given, "decide")
    estimate = await run_estimate(*given)
    powerful = next(each for each in estimate.cost.models if each.roles == ("powerful",))
    assert powerful.usual.input_tokens == 4 * ESCALATED_SHARE * (tokens + 2 * 250)
    assert powerful.most.input_tokens == 4 * (tokens + 2 * 1_000)


def test_a_price_nobody_knows_is_said(candles):
    estimate = estimated(candles, mind("owl", **SHOWN), thinker(), rounds=10)
    assert [(each.model, each.usual.known_cost is None) for each in estimate.cost.models] == [
        (OWL, True),
        (FOX, False),
    ]
    assert estimate.cost.together.usual.unpriced == 10
    assert estimate.budget is None
    budgeted = estimated(candles, thinker(), models={"budget": {"total": 2.5}})
    assert budgeted.budget == 2_500_000


# who asks


@pytest.mark.parametrize(
    ("agent", "models", "market", "asks"),
    [
        (thinker(), {}, None, True),
        (thinker(), {"mode": "record"}, None, True),
        (thinker(), {"mode": "replay"}, None, False),
        (mind("fox", model="deepseek/deepseek-chat", **SHOWN), {}, None, False),
        (mind("fox", timeframes=["1m", "3m"]), {}, {"symbols": ["BTC"]}, False),
        ({"name": "buy_and_hold"}, {}, None, False),
    ],
    ids=["live", "recording", "replaying calls", "no key", "simulated market", "no models"],
)
def test_models_are_asked_about_recorded_candles_by_who_can_and_would(candles, agent, models, market, asks):
    interval = "1h" if market is None else "3m"
    given = arena(candles, agent, models=models, market=market, interval=interval)
    assert asks_on_recorded_candles(*given) is asks


def test_who_can_t_take_part_is_not_counted(candles):
    mute = mind("mute", model="deepseek/deepseek-chat", **SHOWN)
    assert [each.name for each in estimated(candles, thinker(), mute).cost.models] == ["fox"]
    assert estimated(candles, mute) is None
    assert estimated(candles, thinker(), models={"mode": "replay"}) is None


def test_a_run_s_end_is_the_first_of_its_ends(candles):
    _, parts = arena(candles, thinker())
    run = parts.agreement
    assert ends_by_ms(run, None) is None
    assert ends_by_ms(run, run.start_ms - 1) == run.start_ms
    assert rounds_to_play(run, run.start_ms + 3 * HOUR_MS - 1) == 2

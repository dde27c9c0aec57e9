"""What the control API tells of agents that ask models: all of a run, a window of it, and for Prometheus."""

from typing import Any

import pytest
import pytest_asyncio

from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient
from cockpit.daemon.server import ApiServer
from cockpit.domain.decisions import FailureKind, ModelCall, Target
from cockpit.domain.events import AskingSkipped, DecisionFailed, DecisionMade, Escalated, ModelCalled
from cockpit.domain.market import Micros
from cockpit.domain.routing import Escalation, Trigger
from tests.daemon.conftest import STANDING_STILL, OpenBot, commit, plain_http

pytestmark = pytest.mark.asyncio(loop_scope="session")

CALL: dict[str, Any] = {"model": "deepseek/deepseek-chat", "key": "k", "request": "{}"}
ASKED = (
    ("ema_cross", ModelCall(role="decide", cost=Micros(2_000), input_tokens=900, latency_ms=1_500, **CALL)),
    ("ema_cross", ModelCall(role="repair", cost=Micros(500), output_tokens=80, latency_ms=500, **CALL)),
    ("ema_cross", ModelCall(role="decide", cost=Micros(500), fault="timeout", latency_ms=4_000, **CALL)),
    ("donchian_breakout", ModelCall(role="decide", cost=None, latency_ms=100, **CALL)),
)


@pytest_asyncio.fixture(loop_scope="session")
async def asking(open_bot: OpenBot) -> Bot:
    """A bot two of whose agents have asked models; a round is three minutes."""
    bot = await open_bot(STANDING_STILL | {"arena": {"interval": "3m"}})
    for number, (name, call) in enumerate(ASKED, start=1):
        await commit(bot, ModelCalled(call_id=number, agent=name, round=0, call=call))
    target = Target(symbol="BTC/USDC:USDC", exposure=0.0, confidence=0.7)
    await commit(
        bot,
        DecisionMade(
            decision_id=1, agent="ema_cross", round=0, confidence=0.7, targets=(target,), refused=("no", "no")
        ),
        DecisionFailed(agent="ema_cross", round=0, failure=FailureKind.TIMEOUT, message="no answer"),
    )
    return bot


@pytest.mark.parametrize("window", ["all", "1h", "1d", "7d", "30d"])
async def test_any_window_has_what_models_did_and_cost(asking: Bot, window: str) -> None:
    async with ApiServer(asking) as server, BotClient(server.folder.socket) as client:
        board = await client.get("/leaderboard", window=window)
    rows = {row["agent"]: row for row in board["rows"]}
    priced, unpriced, control = rows["ema_cross"], rows["donchian_breakout"], rows["buy_and_hold"]
    curve = priced["models"].pop("calibration")
    assert priced["models"] == {
        "calls": 3,
        "failed_calls": 1,
        "repairs": 1,
        "unpriced_calls": 0,
        "cost_at_least": 0.003,
        "projected_daily_cost": 0.72,  # $0.003 over two rounds, 480 rounds a day
        "cost_per_alpha": None,
        "input_tokens": 900,
        "output_tokens": 80,
        "mean_latency_s": 2.0,
        "refusals": 2,
        "failures": {"timeout": 1},
        "mean_confidence": 0.7,
        "hit_rate_percent": None,
        "brier_score": None,
    }
    assert [each["trades"] for each in curve] == [0] * 10
    assert (priced["cost"], priced["net_pnl"], priced["alpha"]) == (0.003, -0.003, 0)
    assert (unpriced["cost"], unpriced["net_pnl"], unpriced["net_rank"]) == (None, None, None)
    assert (unpriced["models"]["unpriced_calls"], unpriced["models"]["cost_at_least"]) == (1, None)
    assert (control["cost"], control["models"], control["net_pnl"], control["net_rank"]) == (None, None, 0, 1)
    assert {row["routing"] for row in rows.values()} == {None}
    assert priced["net_rank"] == len(rows) - 1  # behind all others that have a rank


@pytest.mark.parametrize("window", ["all", "1h"])
async def test_any_window_has_what_a_policy_of_cheap_models_first_came_to(asking: Bot, window: str) -> None:
    calls = (
        ("cheap", Micros(1_000)),
        ("cheap_2", Micros(500)),
        ("powerful", Micros(4_500)),
        ("powerful", None),
    )
    for number, (role, cost) in enumerate(calls, start=len(ASKED) + 1):
        call = ModelCall(role=role, cost=cost, **CALL)
        await commit(asking, ModelCalled(call_id=number, agent="momentum_rank", round=1, call=call))
    escalation = Escalation(
        triggers=(Trigger.CONFIDENCE, Trigger.NOTIONAL),
        reason="it was so",
        cheap=("x/small",),
        powerful="x/large",
        changed=True,
        cheap_cost=None,
        powerful_cost=None,
    )
    await commit(
        asking,
        Escalated(agent="momentum_rank", round=1, escalation=escalation),
        AskingSkipped(agent="momentum_rank", round=2, reason="nothing moved"),
    )
    async with ApiServer(asking) as server, BotClient(server.folder.socket) as client:
        board = await client.get("/leaderboard", window=window)
    rows = {row["agent"]: row["routing"] for row in board["rows"]}
    assert rows.pop("momentum_rank") == {
        "rounds_asked": 1,
        "rounds_skipped": 1,
        "escalations": 1,
        "changed": 1,
        "undecided": 0,
        "withheld": 0,
        "triggers": {"confidence": 1, "notional": 1},
        "cheap_cost": 0.0015,
        "powerful_cost": 0.0045,
        "other_cost": 0.0,
        "unpriced_calls": 1,
        "powerful_share_percent": None,  # of a cost that nobody knows
    }
    assert set(rows.values()) == {None}


async def test_metrics_tell_cost_tokens_calls_failures_and_latency_of_those_who_ask(asking: Bot) -> None:
    async with ApiServer(asking) as server, plain_http(server) as http:
        lines = (await http.get("/metrics")).text.splitlines()
    told = {
        line.partition(" ")[0]: float(line.rpartition(" ")[2])
        for line in lines
        if line.startswith("cockpit_model_") and "_created" not in line
    }
    assert {name: value for name, value in told.items() if "ema_cross" in name} == {
        'cockpit_model_calls_total{agent="ema_cross"}': 3,
        'cockpit_model_call_failures_total{agent="ema_cross"}': 1,
        'cockpit_model_repairs_total{agent="ema_cross"}': 1,
        'cockpit_model_unpriced_calls_total{agent="ema_cross"}': 0,
        'cockpit_model_refusals_total{agent="ema_cross"}': 2,
        'cockpit_model_input_tokens_total{agent="ema_cross"}': 900,
        'cockpit_model_output_tokens_total{agent="ema_cross"}': 80,
        'cockpit_model_latency_seconds_total{agent="ema_cross"}': 6.0,
        'cockpit_model_cost_dollars_total{agent="ema_cross"}': 0.003,
        'cockpit_model_projected_daily_cost_dollars{agent="ema_cross"}': 0.72,
    }
    assert not [name for name in told if "dollars" in name and "donchian_breakout" in name]
    assert not [name for name in told if "buy_and_hold" in name]


async def test_where_nobody_asks_models_metrics_say_nothing_of_them(open_bot: OpenBot) -> None:
    bot = await open_bot(STANDING_STILL)
    async with ApiServer(bot) as server, plain_http(server) as http:
        assert "cockpit_model" not in (await http.get("/metrics")).text
        rows = (await http.get("/leaderboard")).json()["rows"]
    assert {row["models"] for row in rows} == {None}

"""What the control API says comes back as what the bot itself works with."""

from dataclasses import replace

from cockpit.daemon.api_risk import risk_answer
from cockpit.domain.market import MICROS_PER_UNIT, MINUTE_MS
from cockpit.trading.risk import RISK_LIMITS_BY_MODE, RiskLimits
from cockpit.tui.answers import limits_of, order_entry
from tests.tui.recorded_arena import state_at


def told(state, limits: RiskLimits) -> RiskLimits:
    answer = risk_answer(state, dict.fromkeys(state.agents, limits)).model_dump(mode="json")
    (limits,) = set(limits_of(answer).values())
    return limits


def test_limits_survive_the_way_through_the_api(arena_events):
    state = state_at(arena_events, len(arena_events))
    odd = replace(
        RISK_LIMITS_BY_MODE["mainnet"],
        max_order_notional=123_456 * MICROS_PER_UNIT + 7,
        max_price_deviation=0.03,
        max_mark_age_ms=90_001,
        cooldown_after_loss_ms=0,
        cooldown_after_stop_ms=7 * MINUTE_MS,
        symbols=("BTC", "ETH/USDC:USDC"),
    )
    for limits in (RiskLimits(), RISK_LIMITS_BY_MODE["mainnet"], odd):
        assert told(state, limits) == limits


def test_limits_of_another_version_do_no_harm():
    limit = {"name": "max_hats", "limit": 3, "unit": "count", "words": "3"}
    assert limits_of({"agents": [{"agent": "ann", "symbols": None, "limits": [limit]}]}) == {
        "ann": RiskLimits()
    }


async def test_orders_out_of_the_journal_are_the_orders_of_the_events(link):
    from cockpit.tui.store import Store

    store = Store(bot="arena")
    store.attach(state_at(link.events, 0))
    for recorded in link.events:
        store.take(recorded)
    rows = await link.look_up("/orders", status="done", limit=1_000)
    assert len(rows) > 20
    for row in rows:
        entry = order_entry(row, store.instruments[row["symbol"]])
        known = store.orders.entries[row["order_id"]]
        assert replace(entry.order, live_ms=known.order.live_ms) == replace(
            known.order, cancel_ms=None, resume_status=None
        )
        assert entry.words == known.words
        assert entry.updated_ms == known.updated_ms
        if known.mean_price is not None:
            assert abs(entry.mean_price / known.mean_price - 1) < 1e-12

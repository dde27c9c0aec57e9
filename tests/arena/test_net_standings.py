"""Who leads net of everything, against buy & hold."""

from dataclasses import replace

import pytest

from cockpit.arena.model_figures import MindRecord
from cockpit.arena.net_standings import Earned, net_standings
from cockpit.domain.market import Micros
from cockpit.trading.agent_state import ModelUse
from tests.report.story import BTC, CONTROL, SYMBOL, Story

FIRST, LAST = {SYMBOL: 100.0}, {SYMBOL: 110.0}


def run_of(*names: str, quote: str = "USDC"):
    return Story(names=names, quote=quote).state.run


def earned(name: str, pnl: int, cost: int | None = None, *, base: int = 1_000, unpriced: int = 0) -> Earned:
    use = None if cost is None else ModelUse(calls=9, cost=Micros(cost), unpriced=unpriced)
    return Earned(name=name, base=base, pnl=pnl, mind=None if use is None else MindRecord(use=use, rounds=1))


@pytest.mark.parametrize(
    ("rows", "ranks"),
    [
        ([earned("a", 50, 40), earned("b", 30, 1), earned("c", 20)], {"a": 3, "b": 1, "c": 2}),
        ([earned("a", 50, 10), earned("b", 45, 5), earned("c", 0)], {"a": 1, "b": 1, "c": 3}),
        ([earned("a", 50, 10, unpriced=1), earned("b", 45, 5)], {"a": None, "b": 1}),
        ([earned("a", 100, base=2_000), earned("b", 90, 1)], {"a": 2, "b": 1}),
        ([earned("a", 10, base=0), earned("b", -5, 0)], {"a": None, "b": 1}),
    ],
)
def test_models_are_paid_for_before_agents_are_ranked(rows, ranks):
    found = net_standings(rows, run_of(*(each.name for each in rows)), FIRST, LAST)
    assert {name: standing.net_rank for name, standing in found.items()} == ranks


def test_buy_and_hold_is_its_own_agent_where_there_is_one_scaled_to_the_capital():
    rows = [earned("a", 50, 3), earned("b", 50, base=500), earned(CONTROL, 40)]
    found = net_standings(rows, run_of("a", "b", CONTROL), FIRST, LAST)
    assert {name: standing.alpha for name, standing in found.items()} == {"a": 10, "b": 30, CONTROL: 0}
    assert found["a"].models.cost_per_alpha == 0.3


def test_without_that_agent_buy_and_hold_is_equal_shares_of_what_had_a_price():
    run = run_of("a")
    ether = replace(BTC, symbol="ETH/USDC:USDC", base="ETH")
    run = replace(run, instruments=(BTC, ether))
    first, last = {SYMBOL: 100.0, ether.symbol: 10.0}, {SYMBOL: 110.0, ether.symbol: 13.0}
    for begun, alpha in ((first, -150), (FIRST, -50), ({}, None), (None, None)):  # 20 %, 10 %, unknown
        assert net_standings([earned("a", 50)], run, begun, last)["a"].alpha == alpha


def test_a_control_that_had_nothing_says_nothing_of_the_market():
    rows = [earned("a", 50), earned(CONTROL, 0, base=0)]
    assert net_standings(rows, run_of("a", CONTROL), FIRST, LAST)["a"].alpha == -50


def test_dollars_are_not_set_off_against_other_money():
    found = net_standings([earned("a", 500, 3), earned("b", 400)], run_of("a", "b", quote="EUR"), FIRST, LAST)
    a, b = found["a"], found["b"]
    assert (a.alpha, a.net_pnl, a.net_rank, a.models.cost_per_alpha) == (400, None, None, None)
    assert (a.models.cost, b.net_pnl, b.net_rank) == (3, 400, 1)


@pytest.mark.parametrize("quote", ["USD", "USDC", "USDT", "usdc"])
def test_a_coin_that_stands_for_a_dollar_is_one(quote):
    found = net_standings([earned("a", 500, 3)], run_of("a", quote=quote), FIRST, LAST)
    assert found["a"].net_pnl == 497

"""How long the risk gate takes over an order, with every rule on."""

import statistics
from time import perf_counter_ns

import pytest

from cockpit.domain.accounts import Account, Position
from cockpit.domain.events import CapitalAllocated, Contestant, MarketAdvanced, Recorded
from cockpit.domain.market import Lots, Micros
from cockpit.domain.orders import OrderIntent, OrderKind, OrderPurpose, OrderStatus
from cockpit.trading.agent_state import ClosedTrade, EntryLock
from cockpit.trading.fold import apply
from cockpit.trading.risk import ExposureBook, RiskLimits, refusal_of
from cockpit.trading.state import ArenaState
from tests.trading.arena_facts import START_MS, instrument, order, run_started, usd

pytestmark = pytest.mark.bench

MEDIAN_LIMIT_US = 20.0
LISTED = tuple(instrument(f"C{number}", 0.5, 0.001) for number in range(6))
MARK = 50_000.0


def busy_arena(agents):
    """Everyone holds all six symbols, each with a stop and a target, and has entries at work on two of them."""
    names = [f"agent_{number}" for number in range(agents)]
    state = ArenaState()
    run = run_started(
        instruments=LISTED,
        contestants=tuple(Contestant(name=name, kind="strategy", summary="") for name in names),
        capital_in=usd(10_000 * agents),
    )
    facts = [run, *(CapitalAllocated(agent=name, amount=usd(10_000)) for name in names)]
    facts.append(MarketAdvanced(marks=(MARK,) * 6, fresh=(True,) * 6))
    for seq, fact in enumerate(facts, 1):
        apply(state, Recorded(seq, START_MS, "run-1", fact))
    for name in names:
        fill_up(state, name)
    return state


def fill_up(state, name):
    agent = state.agents[name]
    lots = {each.symbol: Lots(20 if number % 2 else -20) for number, each in enumerate(LISTED)}
    agent.account = Account(
        agent=name,
        cash=usd(10_000),
        positions={
            symbol: Position(
                symbol=symbol,
                signed_lots=held,
                cost=Micros(held * 50 * 1_000_000),
                opened_ms=START_MS,
                entry_lots=Lots(abs(held)),
            )
            for symbol, held in lots.items()
        },
    )
    orders = []
    for listed in LISTED[:5]:
        guard = {"reduce_only": True, "status": OrderStatus.ACCEPTED, "agent": name, "listed": listed}
        guard["lots"] = -lots[listed.symbol]
        orders.append({**guard, "purpose": OrderPurpose.STOP, "kind": OrderKind.STOP_MARKET})
        orders.append({**guard, "purpose": OrderPurpose.TARGET, "kind": OrderKind.TAKE_PROFIT})
    for listed in LISTED[:2]:
        orders.append(
            {"listed": listed, "lots": 10, "agent": name, "kind": OrderKind.LIMIT, "limit_price": 49_900.0}
        )
    for number, given in enumerate(orders, 1):
        agent.working[number] = order(number, **given)
    agent.sent_ms = [START_MS - 1_000 * number for number in range(12, 0, -1)]
    agent.locks = [EntryLock(symbol="other", protection="CooldownPeriod", reason="", until_ms=START_MS + 1)]
    agent.closed_trades = [
        ClosedTrade(
            symbol="other",
            closed_ms=START_MS - 120_000 * number,
            pnl=Micros(-1),
            return_fraction=-0.1,
            exit_purpose="stop",
        )
        for number in range(10, 0, -1)
    ]


def verdict_us(state, repeats):
    """Microseconds for each of many orders, while one agent's orders go on changing under the book."""
    book, limits, took = ExposureBook(), RiskLimits(), []
    agent = state.agents["agent_0"]
    entries = list(agent.working.items())[-2:]
    for number in range(repeats):
        number_of, entry = entries[number % 2]
        agent.working.pop(number_of)  # every order finds the agent's own orders other than the last one did
        agent.working[number_of] = entry
        intent = OrderIntent(
            agent="agent_0",
            symbol=LISTED[number % 6].symbol,
            kind=OrderKind.LIMIT,
            signed_lots=Lots(11 if number % 3 else -11),
            limit_price=49_950.0,
        )
        began = perf_counter_ns()
        refused = refusal_of(intent, state, limits, book)
        took.append((perf_counter_ns() - began) / 1_000)
        assert refused is None
    return took


@pytest.mark.parametrize("agents", [1, 11, 50])
def test_an_order_of_an_agent_with_six_positions_and_twelve_orders(agents, capsys):
    state = busy_arena(agents)
    verdict_us(state, 2_000)
    took = verdict_us(state, 20_000)
    median_us = statistics.median(took)
    with capsys.disabled():
        print(
            f"\nrisk gate, every rule on, {agents} agents in the arena: median {median_us:.1f} µs an order, "
            f"99 % under {statistics.quantiles(took, n=100)[-1]:.1f} µs"
        )
    if agents <= 11:
        assert median_us <= MEDIAN_LIMIT_US

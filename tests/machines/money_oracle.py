"""What accounts must hold, worked out slowly and exactly from nothing but the journal's events."""

from collections import Counter, defaultdict
from fractions import Fraction
from typing import ClassVar

from cockpit.domain.events import (
    CapitalAllocated,
    FundingPaid,
    MarketAdvanced,
    RoundClosed,
    RunStarted,
    ShortfallCovered,
    TradeClosed,
)
from cockpit.domain.market import MICROS_PER_UNIT
from tests.trading.exact_ledger import ROUNDING, ExactLedger, spelled


class MoneyOracle:
    """Reads events and objects to the first that can't be.

    Attributes:
        sums: (agent, symbol) → lots held: the sum of signed fills.
        realized: (agent, symbol) → profit before fees, as the journal tells it.
        exact: (agent, symbol) → the same position in fractions.
        cash: By agent.
        told: By agent: capital, and the profit of all closed trades.
        covered: By agent: what the venue bore.
        closed: Agents that are bankrupt.
    """

    readers: ClassVar = {}

    def __init__(self):
        self.sums, self.realized, self.cash = Counter(), Counter(), Counter()
        self.told, self.covered, self.trades = Counter(), Counter(), Counter()
        self.exact = defaultdict(ExactLedger)
        self.marks, self.closed = {}, set()
        self.now_ms = 0

    def run_started(self, event):
        self.treasury = self.capital_in = event.capital_in
        self.listed = {each.symbol: each for each in event.instruments}
        self.names = [each.name for each in event.contestants]

    def capital_allocated(self, event):
        self.treasury -= event.amount
        self.cash[event.agent] += event.amount
        self.told[event.agent] += event.amount
        assert self.treasury >= 0

    def funding_paid(self, event):
        assert self.sums[event.agent, event.symbol] != 0
        self.cash[event.agent] -= event.paid

    def shortfall_covered(self, event):
        assert not any(self.sums[event.agent, symbol] for symbol in self.listed)
        assert self.cash[event.agent] == -event.amount < 0, "what was covered is not what was missing"
        self.cash[event.agent] = 0
        self.covered[event.agent] += event.amount
        self.closed.add(event.agent)

    def market_advanced(self, event):
        told = zip(self.listed, event.marks, strict=True)
        self.marks |= {symbol: mark for symbol, mark in told if mark is not None}

    def round_closed(self, event):
        for name, equity in zip(self.names, event.equities, strict=True):
            exact, allowed = self.equity(name)
            assert abs(equity - exact) <= allowed, f"{name}'s equity is not cash and unrealized profit"

    def trade_closed(self, event):
        trade = event.trade
        self.trades[trade.agent] += 1
        self.told[trade.agent] += trade.pnl
        assert trade.lowest_price is None or trade.lowest_price <= trade.highest_price
        for excursion in (trade.adverse_excursion, trade.favorable_excursion):
            assert excursion is None or excursion >= 0

    def take_fill(self, fill, realized):
        key = fill.agent, fill.symbol
        self.sums[key] += fill.signed_lots
        self.realized[key] += realized
        self.cash[fill.agent] += realized - fill.fee_micros
        self.exact[key].fill(fill.signed_lots, self.listed[fill.symbol], fill.price)

    def equity(self, name):
        """Cash and unrealized profit at the marks, exactly, and how far rounding may be off."""
        equity, allowed = Fraction(self.cash[name]), Fraction(0)
        for symbol, listed in self.listed.items():
            ledger = self.exact[name, symbol]
            if ledger.lots:
                value = ledger.lots * spelled(listed.lot_size) * spelled(self.marks[symbol]) * MICROS_PER_UNIT
                equity += value - ledger.cost
            allowed += (ledger.roundings + 1) * ROUNDING
        return equity, allowed

    def compare_money(self, state):
        assert state.treasury == self.treasury
        for name, agent in state.agents.items():
            self._compare_account(name, agent)
            assert agent.watch.peak >= agent.watch.equity, "a drawdown below zero"
            assert agent.watch.guard_peak >= agent.watch.equity
            assert agent.watch.max_drawdown >= 0
            assert bool(agent.closed) == (name in self.closed)
        earned = sum(
            agent.realized - agent.fees - agent.funding + agent.covered for agent in state.agents.values()
        )
        assert self.treasury + sum(self.cash.values()) == self.capital_in + earned
        assert state.watch.equity == sum(agent.watch.equity for agent in state.agents.values())

    def _compare_account(self, name, agent):
        assert agent.account.cash == self.cash[name]
        assert agent.covered == self.covered[name]
        assert agent.trades == self.trades[name]
        held = agent.account.positions.values()
        still_open = sum(each.realized - each.fees - each.funding for each in held)
        told = self.told[name] + still_open + self.covered[name]
        assert agent.account.cash == told, "trades and positions don't tell where the cash went"

    def compare_positions(self, state):
        for name, agent in state.agents.items():
            for symbol in self.listed:
                position = agent.account.positions.get(symbol)
                lots, cost = (position.signed_lots, position.cost) if position else (0, 0)
                assert lots == self.sums[name, symbol]
                assert (position is None) == (lots == 0)
                assert self.exact[name, symbol].agrees(lots, cost, self.realized[name, symbol])
            assert agent.realized == sum(self.realized[name, symbol] for symbol in self.listed)


MoneyOracle.readers = {
    RunStarted: MoneyOracle.run_started,
    CapitalAllocated: MoneyOracle.capital_allocated,
    FundingPaid: MoneyOracle.funding_paid,
    ShortfallCovered: MoneyOracle.shortfall_covered,
    MarketAdvanced: MoneyOracle.market_advanced,
    RoundClosed: MoneyOracle.round_closed,
    TradeClosed: MoneyOracle.trade_closed,
}

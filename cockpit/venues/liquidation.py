"""Watches one position of an account: where on a bar's path its margin is used up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, isnan, nan

from cockpit.domain.accounts import Account, Position
from cockpit.domain.market import Instrument, Micros
from cockpit.domain.reports import MarginCalled
from cockpit.trading.accounting import notional_micros
from cockpit.trading.agent_state import AgentState
from cockpit.trading.fills import nearest_tick, stop_event
from cockpit.trading.margin import (
    Backing,
    MarginMode,
    MarginTerms,
    backing_of,
    bankruptcy_price,
    liquidation_price_of,
    maintenance_margin_micros,
)
from cockpit.trading.path import Path


@dataclass(slots=True, kw_only=True)
class MarginWatch:
    """What stands behind an agent's position in one instrument.

    Attributes:
        agent: The agent, as the fold has it at each moment.
        name: Whose position.
        instrument: In what.
        instruments: All of the run, by symbol.
        marks: Mark prices of the other positions.
        terms: Of the venue.
        called: Whether margin was called in this bar; once is enough to close all of a position.
    """

    agent: AgentState
    name: str
    instrument: Instrument
    instruments: Mapping[str, Instrument]
    marks: Mapping[str, float]
    terms: MarginTerms
    called: bool = False
    _account: Account | None = field(init=False, default=None)
    _level: float = field(init=False, default=nan)

    @property
    def held(self) -> Position | None:
        """The position as it is now."""
        return self.agent.account.positions.get(self.instrument.symbol)

    def level(self) -> float:
        """The liquidation price as things stand; NaN where there is none."""
        if self._account is not self.agent.account:
            self._account = self.agent.account
            held = self.held
            self._level = (
                nan if held is None else liquidation_price_of(held, self.instrument, self._backing(held))
            )
        return self._level

    def next_call(self, path: Path, position: float, here: float) -> tuple[float, float]:
        """Where on the path margin is used up, and the tick there; infinity and NaN if nowhere."""
        held, level = self.held, self.level()
        if self.called or held is None or isnan(level):
            return inf, nan
        met, price = stop_event(path, position, here, -held.signed_lots, level)
        if met == inf or price != level:
            return met, price
        return met, self._tick_beyond(level, held.signed_lots)

    def call(self, ts_ms: int, price: float) -> MarginCalled:
        """The margin call, with what stood behind the position and what had to."""
        held = self.held
        assert held is not None, f"{self.name} holds no {self.instrument.symbol} to call margin on"
        backing = self._backing(held)
        notional = notional_micros(held.signed_lots, self.instrument.lot_size, price)
        maintenance = maintenance_margin_micros(notional, self.instrument.max_leverage)
        self.called = True
        return MarginCalled(
            agent=self.name,
            symbol=self.instrument.symbol,
            ts_ms=ts_ms,
            price=price,
            equity=Micros(backing.equity + notional - held.cost),
            maintenance=Micros(maintenance + backing.others_maintenance),
        )

    def takeover_price(self, price: float) -> float:
        """The price a liquidated position is closed at, given the one the market offers.

        An isolated position can lose no more than its margin: beyond its bankruptcy price the venue takes it
        over there. Behind a cross position stands all of the account, so the market's price holds.
        """
        held = self.held
        if self.terms.mode is MarginMode.CROSS or held is None:
            return price
        bankrupt = bankruptcy_price(
            held.signed_lots, held.cost, self.instrument.lot_size, self._backing(held).equity
        )
        if isnan(bankrupt):
            return price
        bankrupt = nearest_tick(bankrupt, self.instrument.tick_size)
        return max(price, bankrupt) if held.signed_lots > 0 else min(price, bankrupt)

    def _tick_beyond(self, level: float, signed_lots: int) -> float:
        # Prices stand on ticks, so the first one that uses up the margin is at the level or beyond it.
        tick = self.instrument.tick_size
        price = nearest_tick(level, tick)
        if signed_lots > 0:
            return price if price <= level else nearest_tick(price - tick, tick)
        return price if price >= level else nearest_tick(price + tick, tick)

    def _backing(self, held: Position) -> Backing:
        return backing_of(held, self.agent.account, self.instruments, self.marks, self.terms)

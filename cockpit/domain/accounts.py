"""Accounts, positions and closed trades: what an agent owns, and what became of it."""

from dataclasses import dataclass, field

from cockpit.domain.market import Lots, Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """An open position, netted per instrument.

    Attributes:
        symbol: Which instrument.
        signed_lots: > 0 long; never 0.
        cost: Entry notional, with the sign of `signed_lots`; what rounding leaves stays here.
        opened_ms: When it was entered from flat, UTC milliseconds.
        entry_lots: The most it has held since it was entered, unsigned.
        realized: Profit of its partial closes so far, before fees.
        fees: Fees paid since it was entered.
        funding: Funding paid since it was entered; negative when received.
        decision_id: The decision that opened it, if one did.
        order_id: The order that opened it, which its stop and target name as their parent.
    """

    symbol: str
    signed_lots: Lots
    cost: Micros
    opened_ms: int
    entry_lots: Lots
    realized: Micros = Micros(0)
    fees: Micros = Micros(0)
    funding: Micros = Micros(0)
    decision_id: int | None = None
    order_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One agent's money and positions.

    Attributes:
        agent: Whose.
        cash: Capital allocated + realized profit − fees − funding.
        positions: Open ones by symbol, in the order they were opened.
    """

    agent: str
    cash: Micros = Micros(0)
    positions: dict[str, Position] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A round trip: a position from the fill that opened it to the one that closed it.

    Attributes:
        agent: Whose.
        symbol: Which instrument.
        signed_lots: The most it held; > 0 was long.
        opened_ms: UTC milliseconds.
        closed_ms: UTC milliseconds.
        entry_price: Average, quote per base unit.
        exit_price: Of the closing fill, quote per base unit.
        realized: Profit before fees and funding.
        fees: Paid over its life.
        funding: Paid over its life; negative when received.
        decision_id: The decision that opened it, if one did.
        exit_purpose: What closed it: rebalance, stop, target, flatten or liquidation.
        lowest_price: The lowest price seen while it was held, quote per base unit.
        highest_price: The highest.
    """

    agent: str
    symbol: str
    signed_lots: Lots
    opened_ms: int
    closed_ms: int
    entry_price: float
    exit_price: float
    realized: Micros
    fees: Micros
    funding: Micros
    decision_id: int | None
    exit_purpose: str
    lowest_price: float | None = None
    highest_price: float | None = None

    @property
    def pnl(self) -> Micros:
        """What the trade changed in the account, fees and funding counted."""
        return Micros(self.realized - self.fees - self.funding)

    @property
    def adverse_excursion(self) -> float | None:
        """MAE: the furthest the price went against it, as a fraction of the entry price; ≥ 0.

        Source: J. Sweeney (1996), Maximum Adverse Excursion.
        """
        return self._excursion(self.lowest_price if self.signed_lots > 0 else self.highest_price, -1)

    @property
    def favorable_excursion(self) -> float | None:
        """MFE: the furthest the price went its way, as a fraction of the entry price; ≥ 0."""
        return self._excursion(self.highest_price if self.signed_lots > 0 else self.lowest_price, 1)

    def _excursion(self, extreme: float | None, sign: int) -> float | None:
        if extreme is None:
            return None
        gained = (extreme - self.entry_price) / self.entry_price * sign
        return max(0.0, gained if self.signed_lots > 0 else -gained)

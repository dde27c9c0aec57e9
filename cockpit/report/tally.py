"""A session's record in the making."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from cockpit.domain.accounts import Position, Trade
from cockpit.domain.decisions import FailureKind
from cockpit.domain.events import Contestant, OrderFilled
from cockpit.domain.market import Micros
from cockpit.domain.orders import OrderStatus
from cockpit.report.session import Noted, Record
from cockpit.trading.accounting import notional_micros
from cockpit.trading.agent_state import AgentState
from cockpit.trading.metrics import DrawdownMeter, fraction_of
from cockpit.trading.state import ArenaState


@dataclass(slots=True)
class Tally:
    """What one agent, or the arena as a whole, has done so far; `Record` says what the fields are.

    Attributes:
        base: The equity that the next round's return is taken from.
    """

    contestant: Contestant
    capital: int = 0
    base: int = 0
    equities: list[int] = field(default_factory=list)
    returns: list[float] = field(default_factory=list)
    exposures: list[float | None] = field(default_factory=list)
    meter: DrawdownMeter = field(default_factory=DrawdownMeter)
    trades: list[Trade] = field(default_factory=list)
    fills: int = 0
    realized: int = 0
    fees: int = 0
    slippage: int = 0
    funding: int = 0
    covered: int = 0
    liquidations: int = 0
    turnover: int = 0
    decisions: int = 0
    failures: Counter[FailureKind] = field(default_factory=Counter)
    confidences: list[float] = field(default_factory=list)
    orders_created: int = 0
    orders_ended: Counter[OrderStatus] = field(default_factory=Counter)
    trips: int = 0

    def provide(self, amount: int, ts_ms: int, equity: int) -> None:
        """Capital came, which makes `equity` what performance is measured from."""
        self.capital += amount
        self.base = equity
        self.meter.begin(ts_ms, equity)

    def close_round(self, equity: int, gross: int) -> None:
        """A round ended at `equity`, with positions of so much gross notional."""
        self.equities.append(equity)
        if self.base > 0:
            self.returns.append(equity / self.base - 1)
        self.base = equity
        self.exposures.append(fraction_of(gross, equity))

    def fill(self, event: OrderFilled) -> None:
        """An order was filled, in part or whole."""
        self.fills += 1
        self.realized += event.realized
        self.fees += event.fill.fee_micros
        self.slippage += event.fill.slippage
        self.turnover += event.notional

    def end_order(self, status: OrderStatus, before: OrderStatus | None = None) -> None:
        """An order came to its final status; `before` is the one it had come to, where that did not last."""
        self.orders_ended[status] += 1
        if before is not None and self.orders_ended[before] > 0:
            self.orders_ended[before] -= 1
            self.orders_ended += Counter()  # nothing is counted that there is none of

    def decide(self, confidence: float | None) -> None:
        """A decision was made."""
        self.decisions += 1
        if confidence is not None:
            self.confidences.append(confidence)

    def record(self, equity: int, benched: bool, positions: Iterable[Position], noted: Noted) -> Record:
        """The record, as it ends at `equity`."""
        return Record(
            name=self.contestant.name,
            kind=self.contestant.kind,
            summary=self.contestant.summary,
            capital=Micros(self.capital),
            equity=Micros(equity),
            equities=tuple(self.equities),
            returns=tuple(self.returns),
            exposures=tuple(self.exposures),
            drawdown=self.meter.drawdown(),
            trades=tuple(self.trades),
            fills=self.fills,
            realized=Micros(self.realized),
            fees=Micros(self.fees),
            slippage=Micros(self.slippage),
            funding=Micros(self.funding),
            covered=Micros(self.covered),
            liquidations=self.liquidations,
            turnover=Micros(self.turnover),
            decisions=self.decisions,
            failures=dict(self.failures),
            confidences=tuple(self.confidences),
            orders_created=self.orders_created,
            orders_ended=dict(self.orders_ended),
            trips=self.trips,
            benched=benched,
            positions=tuple(positions),
            noted=noted,
        )


def gross_notional(state: ArenaState, agent: AgentState) -> int:
    """What an agent's positions are worth at the marks, longs and shorts added up, micro-units."""
    return sum(
        abs(
            notional_micros(
                position.signed_lots,
                state.instrument(position.symbol).lot_size,
                state.marks[position.symbol],
            )
        )
        for position in agent.account.positions.values()
    )

"""What agents' models did for them, and what that cost.

What models cost is US dollars, whatever the market's quote currency; `cockpit/arena/net_standings.py` says
where the two can be set off against each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from cockpit.agents.models.cost_projection import projected_daily_cost, rounds_per_day
from cockpit.domain.decisions import FailureKind
from cockpit.domain.formats import NOT_AVAILABLE, money
from cockpit.domain.market import MICROS_PER_UNIT, Micros
from cockpit.trading.agent_state import AgentState, ModelUse
from cockpit.trading.calibration import CalibrationBin, TradeForecast, calibration_curve, trade_brier_score
from cockpit.trading.metrics import fraction_of

_FINE = MICROS_PER_UNIT // 10_000
"""A ten-thousandth of a dollar: less is shown to the micro-dollar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRecord:
    """What became of an agent's word over a stretch of market time.

    Attributes:
        trades: Round trips closed.
        hits: Those with a profit before fees and funding: the price went the way the agent had taken.
        forecasts: Those the agent had stated a confidence for, and whether they won.
    """

    trades: int = 0
    hits: int = 0
    forecasts: tuple[TradeForecast, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MindRecord:
    """What an agent did to decide, over a stretch of market time.

    Attributes:
        use: What its questions to models came to.
        refusals: Parts of its answers that could not be used.
        rounds: In which it was asked.
        confidence: Mean over its decisions; None where it never said.
        failures: Failed decisions by kind; None where nobody counted them by kind.
        closed: What became of its word; None where nobody kept that.
    """

    use: ModelUse = field(default_factory=ModelUse)
    refusals: int = 0
    rounds: int = 0
    confidence: float | None = None
    failures: Mapping[FailureKind, int] | None = None
    closed: TradeRecord | None = None

    @property
    def cost(self) -> Micros | None:
        """Micro-dollars; None where the cost of any call is unknown."""
        return None if self.use.unpriced else self.use.cost


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFigures:
    """What a `MindRecord` comes to. Undefined is None.

    Attributes:
        calls: Questions to models, answered or not.
        failed_calls: That brought no answer.
        repairs: That only mended the form of another answer.
        unpriced_calls: Whose cost nobody knows.
        priced_cost: Of the other calls together, micro-dollars: all there is to pay is at least this.
        input_tokens: As far as providers said.
        output_tokens: Likewise.
        mean_latency_ms: Of a call; None without any.
        refusals: Parts of answers that could not be used.
        failures: Failed decisions by kind, those there are; None where only their number is known.
        confidence: Mean over decisions.
        hit_rate: Fraction of round trips in which the price went the way the agent had taken.
        brier: Brier score of stated confidences against wins.
        calibration: Stated confidence against wins, bin by bin; None where nobody kept them.
        daily_cost: Mean cost of a round × rounds per day, micro-dollars; None where a cost is unknown.
        cost_per_alpha: Dollars spent per dollar of P&L above buy & hold; None where a cost is unknown, or
            nothing was earned above it.
    """

    calls: int
    failed_calls: int
    repairs: int
    unpriced_calls: int
    priced_cost: Micros
    input_tokens: int
    output_tokens: int
    mean_latency_ms: float | None
    refusals: int
    failures: Mapping[FailureKind, int] | None
    confidence: float | None
    hit_rate: float | None
    brier: float | None
    calibration: tuple[CalibrationBin, ...] | None
    daily_cost: Micros | None
    cost_per_alpha: float | None

    @property
    def cost(self) -> Micros | None:
        """Micro-dollars; None where the cost of any call is unknown."""
        return self.priced_cost if self.unpriced_calls == 0 else None

    @property
    def is_priced(self) -> bool:
        """Whether anything is known of the cost: not so where no call has a price."""
        return self.unpriced_calls < self.calls or self.calls == 0

    @property
    def cost_words(self) -> str:
        """The cost for people: ``≥ $0.0120`` where some calls have no price, ``n/a`` where none has one."""
        if not self.is_priced:
            return NOT_AVAILABLE
        return f"{'≥ ' if self.unpriced_calls else ''}{dollars(self.priced_cost)}"


def dollars(cost: Micros | None) -> str:
    """Micro-dollars as money, fine enough that a small amount is never shown as nothing; ``n/a`` for None."""
    if cost is None or cost >= MICROS_PER_UNIT or cost == 0:
        return money(cost)
    return money(cost, decimals=4 if cost >= _FINE else 6)


def mind_record(agent: AgentState) -> MindRecord | None:
    """What the fold knows of a whole run: neither kinds of failures nor what was said of closed trades.

    None for an agent that has asked no model.
    """
    if agent.model_use.calls == 0:
        return None
    return MindRecord(
        use=agent.model_use,
        refusals=agent.refused,
        rounds=agent.decisions + agent.failures,
        confidence=agent.confidence.mean if agent.confidence.count else None,
    )


def model_figures(record: MindRecord, interval_ms: int, alpha: Micros | None) -> ModelFigures:
    """The figures of an agent that asks models, whether or not it asked any over that time.

    Args:
        record: What it did.
        interval_ms: Between two rounds.
        alpha: Its P&L above buy & hold in micro-dollars; None where that is unknown or in other money.
    """
    use = record.use
    closed = record.closed
    cost = record.cost
    return ModelFigures(
        calls=use.calls,
        failed_calls=use.failed,
        repairs=use.repairs,
        unpriced_calls=use.unpriced,
        priced_cost=use.cost,
        input_tokens=use.input_tokens,
        output_tokens=use.output_tokens,
        mean_latency_ms=fraction_of(use.latency_ms, use.calls),
        refusals=record.refusals,
        failures=record.failures,
        confidence=record.confidence,
        hit_rate=None if closed is None else fraction_of(closed.hits, closed.trades),
        brier=None if closed is None else trade_brier_score(closed.forecasts),
        calibration=None if closed is None else calibration_curve(closed.forecasts),
        daily_cost=_daily_cost(cost, record.rounds, interval_ms),
        cost_per_alpha=None if cost is None or alpha is None else fraction_of(cost, alpha),
    )


def _daily_cost(cost: Micros | None, rounds: int, interval_ms: int) -> Micros | None:
    if rounds == 0:
        return None
    # The rounds as one, of which fewer fit into a day: the mean without rounding on the way.
    return projected_daily_cost([cost], rounds_per_day(interval_ms) / Fraction(rounds))

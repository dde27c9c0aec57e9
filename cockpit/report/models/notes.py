"""What a session notes of how agents decided: what they said of their trades, and what models did for it."""

from collections import Counter
from collections.abc import Iterable, Sequence

from cockpit.arena.model_figures import MindRecord, TradeRecord
from cockpit.domain.decisions import FailureKind
from cockpit.domain.orders import Order, OrderPurpose
from cockpit.report.tally import Tally
from cockpit.trading.agent_state import AgentState, ModelUse
from cockpit.trading.calibration import TradeForecast
from cockpit.trading.metrics import confidence_distribution
from cockpit.trading.state import ArenaState


class MindNotes:
    """Notes of one run, from which every agent's `MindRecord` of the period is made."""

    def __init__(self) -> None:
        self._stated: dict[tuple[int, str], float] = {}
        self._before: dict[str, tuple[ModelUse, int]] = {}

    def begin(self, state: ArenaState) -> None:
        """The period begins: what models did so far is not of it."""
        self._before = {
            name: (_sum([agent.model_use]), agent.refused) for name, agent in state.agents.items()
        }

    def note_order(self, state: ArenaState, order: Order) -> None:
        """An order was created: its agent's word on the instrument is what its trade will be measured by."""
        if order.decision_id is None or order.purpose is not OrderPurpose.REBALANCE:
            return  # a guard is of the decision that opened its position, and may come after another word
        target = state.agents[order.agent].targets.get(order.symbol)
        if target is not None and target.confidence is not None:
            self._stated[order.decision_id, order.symbol] = target.confidence

    def of_agent(self, agent: AgentState, tally: Tally) -> MindRecord | None:
        """An agent's record at the end of the period; None where it has asked no model."""
        if agent.model_use.calls == 0:
            return None
        used, refused = self._before.get(agent.account.agent, (ModelUse(), 0))
        return self._record(_difference(agent.model_use, used), agent.refused - refused, tally)

    def _record(self, use: ModelUse, refused: int, tally: Tally) -> MindRecord:
        return MindRecord(
            use=use,
            refusals=refused,
            rounds=tally.decisions + tally.failures.total(),
            confidence=confidence_distribution(tally.confidences).mean,
            failures={kind: tally.failures[kind] for kind in sorted(tally.failures)},
            closed=TradeRecord(
                trades=len(tally.trades),
                hits=sum(trade.realized > 0 for trade in tally.trades),
                forecasts=tuple(
                    TradeForecast(confidence, trade.pnl > 0)
                    for trade in tally.trades
                    if trade.decision_id is not None
                    and (confidence := self._stated.get((trade.decision_id, trade.symbol))) is not None
                ),
            ),
        )


def together(asking: Sequence[tuple[MindRecord, Sequence[float]]]) -> MindRecord | None:
    """The record of all agents that ask models; None where there is none.

    Args:
        asking: Each one's record, and the confidences of its decisions.
    """
    if not asking:
        return None
    records = [record for record, _ in asking]
    failures: Counter[FailureKind] = Counter()
    for record in records:
        failures.update(record.failures or {})
    closed = [record.closed for record in records if record.closed is not None]
    return MindRecord(
        use=_sum(record.use for record in records),
        refusals=sum(record.refusals for record in records),
        rounds=max(record.rounds for record in records),
        confidence=confidence_distribution([each for _, given in asking for each in given]).mean,
        failures={kind: failures[kind] for kind in sorted(failures)},
        closed=TradeRecord(
            trades=sum(each.trades for each in closed),
            hits=sum(each.hits for each in closed),
            forecasts=tuple(forecast for each in closed for forecast in each.forecasts),
        ),
    )


def _sum(uses: Iterable[ModelUse]) -> ModelUse:
    total = ModelUse()
    for use in uses:
        for name in ModelUse.__slots__:
            setattr(total, name, getattr(total, name) + getattr(use, name))
    return total


def _difference(use: ModelUse, before: ModelUse) -> ModelUse:
    return ModelUse(**{name: getattr(use, name) - getattr(before, name) for name in ModelUse.__slots__})

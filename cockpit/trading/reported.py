"""What to make of a venue's report: it may come twice, late, out of order, or be impossible."""

from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from cockpit.domain.market import LEDGER_BOUND
from cockpit.domain.orders import Order, OrderPurpose, OrderStatus
from cockpit.domain.reports import (
    Accepted,
    Canceled,
    CancelRejected,
    Executed,
    Expired,
    MarginCalled,
    Rejected,
    Triggered,
    TriggerMoved,
)
from cockpit.trading.agent_state import AgentState

OrderReport: TypeAlias = (
    Accepted | Rejected | Triggered | TriggerMoved | Executed | Canceled | CancelRejected | Expired
)


class Heed(StrEnum):
    """Whether a report counts: it does; it says what is known already; or it can't be true."""

    TAKE = "take"
    IGNORE = "ignore"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What to make of a report; `reason` says why one is refused."""

    heed: Heed
    reason: str = ""


_TAKE = Judgement(heed=Heed.TAKE)
_IGNORE = Judgement(heed=Heed.IGNORE)

_NEVER_SENT = frozenset({OrderStatus.CREATED, OrderStatus.DENIED, OrderStatus.HELD})
_OVER = frozenset({OrderStatus.CANCELED, OrderStatus.EXPIRED})


def judgement_on(report: OrderReport, order: Order | None, trade_ids: Container[str]) -> Judgement:
    """Whether a report about an order counts.

    Args:
        report: What the venue says.
        order: As it stands, one cancelled or expired lately included; None if it is filled, rejected,
            longer gone, or never was.
        trade_ids: The venue's ids of executions that count already.
    """
    if isinstance(report, Executed):
        return _on_execution(report, order, trade_ids)
    if order is None:
        return _IGNORE  # it was over before: a fill or an answer came first
    if _was_never_sent(order):
        return _refused(f"the order is {order.status} and was never sent")
    if order.status in _OVER:
        return _IGNORE
    return _on_working(report, order)


def judgement_on_call(call: MarginCalled, agent: AgentState | None) -> Judgement:
    """Whether a margin call counts: not once the position is gone, or being liquidated already.

    Args:
        call: What the venue says.
        agent: The account it says it of; None if there is none of that name.
    """
    if agent is None:
        return _refused(f"there is no account {call.agent}")
    if not _is_price(call.price):
        return _refused(f"{call.price} is no price")
    is_called = any(
        order.purpose is OrderPurpose.LIQUIDATION and order.symbol == call.symbol
        for order in agent.working.values()
    )
    return _IGNORE if is_called or call.symbol not in agent.account.positions else _TAKE


def _on_execution(report: Executed, order: Order | None, trade_ids: Container[str]) -> Judgement:
    if report.trade_id in trade_ids:
        return _IGNORE
    if order is None:
        return _refused("no order of that number can still be filled")
    fault = _execution_fault(report, order)
    return _refused(fault) if fault else _TAKE


def _execution_fault(report: Executed, order: Order) -> str | None:
    if _was_never_sent(order):
        return f"the order is {order.status} and was never sent"
    if report.signed_lots * order.signed_lots <= 0:
        return f"{report.signed_lots:+d} lots are not of an order for {order.signed_lots:+d}"
    if abs(report.signed_lots) > abs(order.open_lots):
        return f"{report.signed_lots:+d} lots are more than the {order.open_lots:+d} left to fill"
    return None if _is_price(report.price) else f"{report.price} is no price"


def _on_working(report: OrderReport, order: Order) -> Judgement:
    match report:
        case Accepted():
            is_news = order.status is OrderStatus.SUBMITTED
        case CancelRejected():
            is_news = order.status is OrderStatus.PENDING_CANCEL
        case Rejected() if order.filled_lots:
            return _refused(f"{order.filled_lots:+d} lots of the order are filled already")
        case Triggered() if order.trigger_price is None:
            return _refused("the order has no trigger")
        case Triggered():
            is_news = not order.is_triggered
        case TriggerMoved():
            return _on_trail(report, order)
        case _:
            is_news = True
    return _TAKE if is_news else _IGNORE


def _on_trail(report: TriggerMoved, order: Order) -> Judgement:
    if order.trail_distance is None or order.trigger_price is None:
        return _refused("the order is no trailing stop")
    if order.is_triggered or report.trigger_price == order.trigger_price:
        return _IGNORE
    if not _is_price(report.trigger_price):
        return _refused(f"{report.trigger_price} is no price")
    if (report.trigger_price > order.trigger_price) != (order.signed_lots < 0):
        return _refused(
            f"a trailing stop at {order.trigger_price:g} is not loosened to {report.trigger_price:g}"
        )
    return _TAKE


def _was_never_sent(order: Order) -> bool:
    return order.is_split or order.status in _NEVER_SENT


def _is_price(price: float) -> bool:
    return 0 < price < LEDGER_BOUND


def _refused(reason: str) -> Judgement:
    return Judgement(heed=Heed.REFUSE, reason=reason)

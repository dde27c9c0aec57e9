"""The facts of a session, one JSON object each."""

from collections.abc import Sequence

from cockpit.domain.accounts import Position, Trade
from cockpit.domain.decisions import Target
from cockpit.domain.events import (
    BotStarted,
    BotStopped,
    DecisionMade,
    JournalOutage,
)
from cockpit.domain.market import Instrument, Lots
from cockpit.domain.orders import Side
from cockpit.domain.plain_text import plain_text
from cockpit.report.outcome_notes import OutcomeLink
from cockpit.report.session import Answer, Execution, ProcessFact, Record
from cockpit.report.statistics import Statistics
from cockpit.report.values import Document, amount, instant, statistic
from cockpit.trading.accounting import entry_price, unrealized_micros


def statistics_row(row: Statistics) -> Document:
    """One row of figures, names as in `Statistics`."""
    return _result(row) | _ratios(row) | _costs(row) | _activity(row)


def _result(row: Statistics) -> Document:
    return {
        "rank": row.rank,
        "name": plain_text(row.name),
        "kind": plain_text(row.kind),
        "capital": amount(row.capital),
        "equity": amount(row.equity),
        "pnl": amount(row.pnl),
        "return_fraction": statistic(row.return_fraction),
        "trades": row.trades,
        "win_rate": statistic(row.win_rate),
        "profit_factor": statistic(row.profit_factor),
        "expectancy": amount(row.expectancy),
        "best_trade": amount(row.best_trade),
        "worst_trade": amount(row.worst_trade),
    }


def _ratios(row: Statistics) -> Document:
    return {
        "max_drawdown": statistic(row.max_drawdown),
        "max_drawdown_duration_ms": row.max_drawdown_duration_ms,
        "sharpe": statistic(row.sharpe),
        "sortino": statistic(row.sortino),
        "cagr": statistic(row.cagr),
        "calmar": statistic(row.calmar),
    }


def _costs(row: Statistics) -> Document:
    return {
        "realized": amount(row.realized),
        "fees": amount(row.fees),
        "slippage": amount(row.slippage),
        "funding": amount(row.funding),
        "costs": amount(row.costs),
        "fees_fraction": statistic(row.fees_fraction),
        "slippage_fraction": statistic(row.slippage_fraction),
        "funding_fraction": statistic(row.funding_fraction),
        "costs_fraction": statistic(row.costs_fraction),
        "covered": amount(row.covered),
        "liquidations": row.liquidations,
    }


def _activity(row: Statistics) -> Document:
    return {
        "wins": row.wins,
        "losses": row.losses,
        "pending": row.pending,
        "adverse_excursion": statistic(row.adverse_excursion),
        "favorable_excursion": statistic(row.favorable_excursion),
        "turnover": amount(row.turnover),
        "exposure": statistic(row.exposure),
        "time_in_market": statistic(row.time_in_market),
        "fills": row.fills,
        "intents": row.intents,
        "intents_filled": row.intents_filled,
        "intents_won": row.intents_won,
        "intents_lost": row.intents_lost,
        "intents_pending": row.intents_pending,
        "decisions": row.decisions,
        "errors": row.errors,
        "confidence_mean": statistic(row.confidence.mean),
        "confidence_counts": list(row.confidence.counts),
        "orders": row.orders,
        "denied": row.denied,
        "held": row.held,
        "trips": row.trips,
        "benched": row.benched,
        "cost": amount(row.cost),
    }


def instrument_row(instrument: Instrument) -> Document:
    """The rules of an instrument."""
    return {
        "symbol": plain_text(instrument.symbol),
        "tick_size": instrument.tick_size,
        "lot_size": instrument.lot_size,
        "min_notional": amount(instrument.min_notional),
        "maker_fee_rate": instrument.maker_fee_rate,
        "taker_fee_rate": instrument.taker_fee_rate,
        "max_leverage": instrument.max_leverage,
    }


def details_row(record: Record) -> Document:
    """What a record says beyond its figures."""
    drawdown = record.drawdown
    return {
        "failures": {kind: record.failures[kind] for kind in sorted(record.failures)},
        "orders_ended": {status: record.orders_ended[status] for status in sorted(record.orders_ended)},
        "max_drawdown_from": instant(drawdown.peak_ms) if drawdown else None,
        "max_drawdown_at": instant(drawdown.trough_ms) if drawdown else None,
        "max_drawdown_recovered": instant(drawdown.recovered_ms) if drawdown else None,
    }


def fill_row(execution: Execution, instrument: Instrument) -> Document:
    """One execution."""
    fill = execution.fill
    return {
        "fill_id": fill.fill_id,
        "order_id": fill.order_id,
        "decision_id": execution.decision_id,
        "agent": plain_text(fill.agent),
        "symbol": plain_text(fill.symbol),
        "time": instant(fill.ts_ms),
        "side": Side.of(fill.signed_lots),
        "quantity": _quantity(fill.signed_lots, instrument),
        "price": fill.price,
        "notional": amount(execution.notional),
        "fee": amount(fill.fee_micros),
        "slippage": amount(fill.slippage),
        "realized": amount(execution.realized),
        "liquidity": fill.liquidity,
        "purpose": execution.purpose,
    }


def trade_row(trade: Trade, instrument: Instrument) -> Document:
    """One round trip."""
    return {
        "agent": plain_text(trade.agent),
        "symbol": plain_text(trade.symbol),
        "direction": "long" if trade.signed_lots > 0 else "short",
        "quantity": _quantity(trade.signed_lots, instrument),
        "opened": instant(trade.opened_ms),
        "closed": instant(trade.closed_ms),
        "entry_price": statistic(trade.entry_price),
        "exit_price": trade.exit_price,
        "pnl": amount(trade.pnl),
        "realized": amount(trade.realized),
        "fees": amount(trade.fees),
        "funding": amount(trade.funding),
        "decision_id": trade.decision_id,
        "exit": trade.exit_purpose,
        "lowest_price": trade.lowest_price,
        "highest_price": trade.highest_price,
        "adverse_excursion": statistic(trade.adverse_excursion),
        "favorable_excursion": statistic(trade.favorable_excursion),
        "outcome": "win" if trade.pnl > 0 else "loss" if trade.pnl < 0 else "none",
    }


def position_row(agent: str, position: Position, instrument: Instrument, mark: float) -> Document:
    """One open position at its mark price."""
    return {
        "agent": plain_text(agent),
        "symbol": plain_text(position.symbol),
        "direction": "long" if position.signed_lots > 0 else "short",
        "quantity": _quantity(position.signed_lots, instrument),
        "opened": instant(position.opened_ms),
        "entry_price": statistic(entry_price(position, instrument)),
        "mark_price": mark,
        "unrealized": amount(unrealized_micros(position, instrument, mark)),
        "realized": amount(position.realized),
        "fees": amount(position.fees),
        "funding": amount(position.funding),
        "decision_id": position.decision_id,
        "outcome": "pending",
    }


def _quantity(signed_lots: int, instrument: Instrument) -> float:
    return instrument.quantity(Lots(abs(signed_lots)))


def answer_row(answer: Answer, links: Sequence[OutcomeLink] = ()) -> Document:
    """A decision with its reasoning and what became of it, or the failure to make one.

    Args:
        answer: Which.
        links: The orders it asked for.
    """
    event = answer.event
    told: Document = {"time": instant(answer.ts_ms), "round": event.round, "agent": plain_text(event.agent)}
    if isinstance(event, DecisionMade):
        return told | {
            "decision_id": event.decision_id,
            "confidence": statistic(event.confidence),
            "targets": [_target(each) for each in event.targets],
            "orders": [_link(each) for each in links],
        }
    return told | {"failure": event.failure, "message": plain_text(event.message)}


def _target(target: Target) -> Document:
    return {
        "symbol": plain_text(target.symbol),
        "exposure": statistic(target.exposure),
        "stop": target.stop,
        "take_profit": target.take_profit,
        "confidence": statistic(target.confidence),
        "reason": plain_text(target.reason),
    }


def _link(link: OutcomeLink) -> Document:
    return {
        "order_id": link.order_id,
        "split_from": link.split_from,
        "client_order_id": link.client_order_id,
        "symbol": plain_text(link.symbol),
        "role": link.role,
        "fills": list(link.fill_ids),
        "outcome": link.outcome,
        "pnl": amount(link.pnl),
        "reason": plain_text(link.reason) or None,
    }


def process_row(fact: ProcessFact) -> Document:
    """What a process or a person did to the run, and what the real clock said."""
    event = fact.event
    told: Document = {"market_time": instant(fact.ts_ms)}
    if isinstance(event, BotStarted):
        notices = [plain_text(each) for each in event.notices]
        return told | {
            "what": "bot started",
            "time": instant(event.wall_ms),
            "recovered_from": plain_text(event.recovered_from) or None,
            "cost_accepted": event.cost_accepted,
            "notices": notices,
        }
    if isinstance(event, BotStopped):
        return told | {
            "what": "bot stopped",
            "time": instant(event.wall_ms),
            "reason": plain_text(event.reason),
        }
    if isinstance(event, JournalOutage):
        return told | {
            "what": "journal outage",
            "lasted_ms": event.lasted_ms,
            "reason": plain_text(event.reason),
        }
    return told | {"what": "paused" if event.on else "resumed", "by": plain_text(event.by)}

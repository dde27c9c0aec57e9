"""Tools that tell an agent of its own account."""

from collections.abc import Mapping
from typing import Any

from cockpit.agents.prompts.account_text import (
    MAX_CONDITION,
    AccountFigures,
    PositionFigures,
    account_figures,
)
from cockpit.agents.prompts.plain_numbers import amount, number, percentage, step_decimals
from cockpit.agents.tools.tool import NoArguments, Sight, Tool
from cockpit.domain.formats import NOT_AVAILABLE
from cockpit.domain.plain_text import plain_text

MAX_POSITIONS = 50


def _figures(sight: Sight) -> AccountFigures:
    return account_figures(
        sight.own,
        instruments=sight.traded or sight.view.instruments,
        marks=sight.view.marks,
        terms=sight.terms,
        checked=sight.checked,
    )


def _account(sight: Sight, asked: NoArguments) -> Mapping[str, Any]:
    figures = _figures(sight)
    return {
        "currency": figures.quote,
        "account_value": amount(figures.account_value),
        "available_cash": amount(figures.available_cash),
        "total_return": percentage(figures.return_fraction, 2),
        "sharpe_ratio": number(figures.sharpe, 2),
        "open_positions": len(figures.positions),
    }


def _positions(sight: Sight, asked: NoArguments) -> Mapping[str, Any]:
    positions = _figures(sight).positions
    left_out = len(positions) - MAX_POSITIONS
    told: dict[str, Any] = {"positions": [_position(each) for each in positions[:MAX_POSITIONS]]}
    return told | {"left_out": left_out} if left_out > 0 else told


def _position(figures: PositionFigures) -> Mapping[str, Any]:
    tick = step_decimals(figures.instrument.tick_size)
    return {
        "coin": figures.name,
        "quantity": number(figures.quantity, step_decimals(figures.instrument.lot_size)),
        "entry_price": number(figures.entry_price, tick + 1),
        "mark_price": number(figures.mark, tick),
        "liquidation_price": number(figures.liquidation_price, tick),
        "unrealized_pnl": amount(figures.unrealized),
        "notional": amount(figures.notional),
        "leverage": f"{figures.leverage:g}",
        "profit_target": number(figures.profit_target, tick),
        "stop_loss": number(figures.stop_loss, tick),
        "invalidation_condition": plain_text(figures.invalidation, MAX_CONDITION).strip() or NOT_AVAILABLE,
        "confidence": number(figures.confidence, 2),
        "risk_usd": number(figures.risk, 2),
    }


ACCOUNT_TOOLS = (
    Tool(
        name="account",
        description="The value of the account, its available cash, return and Sharpe ratio.",
        arguments=NoArguments,
        answer=_account,
    ),
    Tool(
        name="positions",
        description="The open positions of the account, each with its exit plan.",
        arguments=NoArguments,
        answer=_positions,
    ),
)

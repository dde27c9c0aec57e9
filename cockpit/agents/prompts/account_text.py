"""The account's part of a prompt: what an agent owns, what it planned, and what that is worth now."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from cockpit.agents.agent import AccountView
from cockpit.agents.prompts.plain_numbers import amount, number, percentage, step_decimals
from cockpit.agents.prompts.renderer import PromptTemplates
from cockpit.domain.accounts import Position
from cockpit.domain.decisions import Target, Thesis
from cockpit.domain.formats import NOT_AVAILABLE
from cockpit.domain.market import Instrument, Micros
from cockpit.domain.plain_text import plain_text
from cockpit.domain.spoken_names import spoken_names
from cockpit.trading.accounting import entry_price, notional_micros, unrealized_micros
from cockpit.trading.margin import MarginTerms, backing_of, initial_margin_micros, liquidation_price_of
from cockpit.trading.metrics import fraction_of

ACCOUNT_TEMPLATE = "account.j2"
ACCOUNT_NAMES = frozenset(
    {"total_return", "available_cash", "account_value", "quote", "positions", "sharpe_ratio"}
)
"""What the account's template is given."""

MAX_CONDITION = 300
"""Characters of an invalidation condition that are shown."""

_NO_THESIS = Thesis()


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionFigures:
    """One open position; None where something is unknown or was not said.

    Attributes:
        name: What models are told to call what is held.
        instrument: What is held.
        quantity: Base units, signed: < 0 is short.
        entry_price: Average, quote per base unit.
        mark: Mark price, quote per base unit.
        liquidation_price: Mark price at which the venue closes it; None where it never does.
        unrealized: Profit at the mark price before fees.
        notional: Worth at the mark price, unsigned.
        leverage: Notional per unit of margin: what the agent asked for, at most what is allowed; what is
            allowed where it asked for none.
        profit_target: Price.
        stop_loss: Price.
        invalidation: The condition under which the agent said it would be wrong; empty: none.
        is_checked: Whether that condition is one that the arena can check.
        is_broken: Whether it has come about.
        confidence: 0 … 1.
        risk: What the agent said it is ready to lose, in quote currency.
    """

    name: str
    instrument: Instrument
    quantity: float
    entry_price: float
    mark: float | None
    liquidation_price: float | None
    unrealized: Micros | None
    notional: Micros | None
    leverage: float
    profit_target: float | None
    stop_loss: float | None
    invalidation: str
    is_checked: bool
    is_broken: bool
    confidence: float | None
    risk: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """What a prompt shows of an account.

    Attributes:
        quote: Currency it is counted in.
        available_cash: Account value less the margin of its positions, each its notional ÷ leverage; never
            below 0. What orders at work may yet take is not in it.
        account_value: Equity.
        return_fraction: Of the capital it began with; None where that is unknown.
        sharpe: Annualised; None while undefined.
        positions: Open ones, in the order they were opened.
    """

    quote: str
    available_cash: Micros
    account_value: Micros
    return_fraction: float | None
    sharpe: float | None
    positions: tuple[PositionFigures, ...]


def account_figures(
    own: AccountView,
    *,
    instruments: Mapping[str, Instrument],
    marks: Mapping[str, float],
    terms: MarginTerms,
    checked: frozenset[str] = frozenset(),
) -> AccountFigures:
    """The figures of an account at some marks.

    Args:
        own: The account, its equity, capital, and the agent's last word on each instrument.
        instruments: All of the run, by symbol; at least one.
        marks: Mark prices by symbol; a position that has none takes margin at what it cost.
        terms: What the agent may lend, and what stands behind its positions.
        checked: Symbols whose target has an invalidation condition that the arena can check.
    """
    held = own.account.positions.values()
    positions = tuple(_position(each, own, instruments, marks, terms, checked) for each in held)
    margin = sum(
        initial_margin_micros(each.cost if shown.notional is None else shown.notional, shown.leverage)
        for each, shown in zip(held, positions, strict=True)
    )
    return AccountFigures(
        quote=next(iter(instruments.values())).quote,
        available_cash=Micros(max(0, own.equity - margin)),
        account_value=Micros(own.equity),
        return_fraction=fraction_of(own.equity - own.capital, own.capital),
        sharpe=own.sharpe,
        positions=positions,
    )


def _position(
    position: Position,
    own: AccountView,
    instruments: Mapping[str, Instrument],
    marks: Mapping[str, float],
    terms: MarginTerms,
    checked: frozenset[str],
) -> PositionFigures:
    instrument, mark = instruments[position.symbol], marks.get(position.symbol)
    backing = backing_of(position, own.account, instruments, marks, terms)
    liquidation = liquidation_price_of(position, instrument, backing)
    target = _plan_of(position, own.targets)
    thesis = (None if target is None else target.thesis) or _NO_THESIS
    allowed, lots, lot_size = terms.leverage_on(instrument), position.signed_lots, instrument.lot_size
    return PositionFigures(
        name=spoken_names(instruments.values())[position.symbol],
        instrument=instrument,
        quantity=instrument.quantity(lots),
        entry_price=entry_price(position, instrument),
        mark=mark,
        liquidation_price=liquidation if isfinite(liquidation) else None,
        unrealized=None if mark is None else Micros(unrealized_micros(position, instrument, mark)),
        notional=None if mark is None else Micros(abs(notional_micros(lots, lot_size, mark))),
        leverage=allowed if thesis.leverage is None else min(thesis.leverage, allowed),
        profit_target=None if target is None else target.take_profit,
        stop_loss=None if target is None else target.stop,
        invalidation=thesis.invalidation,
        is_checked=target is not None and position.symbol in checked,
        is_broken=position.symbol in own.broken,
        confidence=None if target is None else target.confidence,
        risk=thesis.risk,
    )


def _plan_of(position: Position, targets: Mapping[str, Target]) -> Target | None:
    """The target behind a position; one of the other side, or of none, is not yet about what is held."""
    target = targets.get(position.symbol)
    return target if target is not None and target.exposure * position.signed_lots > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionText:
    """A position's figures, spelled; ``n/a`` where there is none.

    Attributes:
        name: What models are told to call what is held.
        quantity: Base units, signed.
        entry_price: Quote per base unit.
        mark_price: Quote per base unit.
        liquidation_price: Quote per base unit.
        unrealized_pnl: Quote currency, signed.
        notional: Quote currency.
        leverage: Notional per unit of margin.
        profit_target: Price.
        stop_loss: Price.
        invalidation_condition: One line of printable characters.
        is_checked: Whether the arena checks the condition.
        is_broken: Whether it has come about.
        confidence: 0 … 1.
        risk_usd: Quote currency.
    """

    name: str
    quantity: str
    entry_price: str
    mark_price: str
    liquidation_price: str
    unrealized_pnl: str
    notional: str
    leverage: str
    profit_target: str
    stop_loss: str
    invalidation_condition: str
    is_checked: bool
    is_broken: bool
    confidence: str
    risk_usd: str


def _position_text(figures: PositionFigures) -> PositionText:
    tick = step_decimals(figures.instrument.tick_size)
    return PositionText(
        name=figures.name,
        quantity=number(figures.quantity, step_decimals(figures.instrument.lot_size)),
        entry_price=number(figures.entry_price, tick + 1),
        mark_price=number(figures.mark, tick),
        liquidation_price=number(figures.liquidation_price, tick),
        unrealized_pnl=amount(figures.unrealized),
        notional=amount(figures.notional),
        leverage=f"{figures.leverage:g}",
        profit_target=number(figures.profit_target, tick),
        stop_loss=number(figures.stop_loss, tick),
        invalidation_condition=plain_text(figures.invalidation, MAX_CONDITION).strip() or NOT_AVAILABLE,
        is_checked=figures.is_checked,
        is_broken=figures.is_broken,
        confidence=number(figures.confidence, 2),
        risk_usd=number(figures.risk, 2),
    )


def account_text(figures: AccountFigures, templates: PromptTemplates) -> str:
    """The text of the account's part.

    Raises:
        PromptTemplateError: If the template fails.
    """
    variables = {
        "quote": figures.quote,
        "total_return": percentage(figures.return_fraction, 2),
        "available_cash": amount(figures.available_cash),
        "account_value": amount(figures.account_value),
        "sharpe_ratio": number(figures.sharpe, 2),
        "positions": tuple(_position_text(each) for each in figures.positions),
    }
    return templates.render(ACCOUNT_TEMPLATE, variables)

"""The arena's rules as a model is told them, once, before its first round."""

from dataclasses import dataclass

from cockpit.agents.prompts.plain_numbers import amount, number, rate, step_decimals
from cockpit.agents.prompts.renderer import PromptTemplates
from cockpit.domain.formats import duration
from cockpit.domain.market import Instrument, Micros
from cockpit.domain.spoken_names import spoken_names
from cockpit.trading.margin import MarginMode, MarginTerms

SYSTEM_TEMPLATE = "system.j2"
SYSTEM_NAMES = frozenset(
    {
        "quote",
        "capital",
        "round_interval",
        "instruments",
        "fees",
        "margin_is_isolated",
        "may_pyramid",
        "may_close_partly",
        "closes_when_invalid",
        "further_rules",
        "invalidation_help",
        "answer_schema",
    }
)
"""What the system prompt's template is given."""

EXAMPLE_NOTIONAL = 1_000
EXAMPLE_ROUND_TRIPS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ArenaRules:
    """What holds for an agent through the whole run.

    Attributes:
        instruments: What it may trade, at least one.
        terms: What it may lend, and what stands behind its positions.
        capital: What it begins with.
        round_interval_ms: Market time between two rounds.
        may_pyramid: Whether a position may be added to.
        may_close_partly: Whether a part of a position may be closed.
        closes_when_invalid: Whether a checked invalidation condition that comes about closes the position;
            otherwise the agent is only told.
        further_rules: What else it has to keep to, a sentence each.
        invalidation_help: The grammar of conditions that can be checked, explained.
        answer_schema: JSON schema of the answer, as text.
    """

    instruments: tuple[Instrument, ...]
    terms: MarginTerms
    capital: Micros
    round_interval_ms: int
    may_pyramid: bool
    may_close_partly: bool
    closes_when_invalid: bool
    further_rules: tuple[str, ...]
    invalidation_help: str
    answer_schema: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentText:
    """What may be traded, spelled.

    Attributes:
        name: What models are told to call it.
        symbol: Unified.
        base: Coin.
        quantity_step: Base units.
        price_step: Quote per base unit.
        smallest_order: Quote currency.
        highest_leverage: Notional per unit of margin.
        maker_fee: Percent of notional.
        taker_fee: Percent of notional.
        funding_interval: Such as ``1h``; empty where no funding is paid.
    """

    name: str
    symbol: str
    base: str
    quantity_step: str
    price_step: str
    smallest_order: str
    highest_leverage: str
    maker_fee: str
    taker_fee: str
    funding_interval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeesText:
    """What trading costs, by an example in the dearest instrument.

    Attributes:
        notional: Of the example's position.
        taker_fee: Percent, each way.
        round_trip_cost: Fees of opening and closing the example, quote currency.
        break_even_move: Percent the price has to go the position's way to pay for them.
        round_trips: A day, in the second example.
        leverage: Notional per unit of account value in the second example.
        daily_cost: Percent of account value those cost a day.
    """

    notional: str
    taker_fee: str
    round_trip_cost: str
    break_even_move: str
    round_trips: str
    leverage: str
    daily_cost: str


def _instrument_text(instrument: Instrument, name: str, terms: MarginTerms) -> InstrumentText:
    return InstrumentText(
        name=name,
        symbol=instrument.symbol,
        base=instrument.base,
        quantity_step=number(instrument.lot_size, step_decimals(instrument.lot_size)),
        price_step=number(instrument.tick_size, step_decimals(instrument.tick_size)),
        smallest_order=amount(instrument.min_notional),
        highest_leverage=f"{terms.leverage_on(instrument):g}",
        maker_fee=rate(instrument.maker_fee_rate),
        taker_fee=rate(instrument.taker_fee_rate),
        funding_interval=""
        if instrument.funding_interval_ms is None
        else duration(instrument.funding_interval_ms),
    )


def _fees_text(rules: ArenaRules) -> FeesText:
    dearest = max(rules.instruments, key=lambda instrument: instrument.taker_fee_rate)
    fee_rate, leverage = dearest.taker_fee_rate, rules.terms.leverage_on(dearest)
    return FeesText(
        notional=str(EXAMPLE_NOTIONAL),
        taker_fee=rate(fee_rate),
        round_trip_cost=number(2 * fee_rate * EXAMPLE_NOTIONAL, 2),
        break_even_move=rate(2 * fee_rate),
        round_trips=str(EXAMPLE_ROUND_TRIPS),
        leverage=f"{leverage:g}",
        daily_cost=rate(2 * fee_rate * leverage * EXAMPLE_ROUND_TRIPS),
    )


def rules_text(rules: ArenaRules, templates: PromptTemplates) -> str:
    """The system prompt.

    Raises:
        PromptTemplateError: If the template fails.
    """
    names = spoken_names(rules.instruments)
    variables = {
        "quote": rules.instruments[0].quote,
        "capital": amount(rules.capital),
        "round_interval": duration(rules.round_interval_ms),
        "instruments": tuple(
            _instrument_text(each, names[each.symbol], rules.terms) for each in rules.instruments
        ),
        "fees": _fees_text(rules),
        "margin_is_isolated": rules.terms.mode is MarginMode.ISOLATED,
        "may_pyramid": rules.may_pyramid,
        "may_close_partly": rules.may_close_partly,
        "closes_when_invalid": rules.closes_when_invalid,
        "further_rules": rules.further_rules,
        "invalidation_help": rules.invalidation_help.strip(),
        "answer_schema": rules.answer_schema.strip(),
    }
    return templates.render(SYSTEM_TEMPLATE, variables)

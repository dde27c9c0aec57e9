"""The settings of the risk gate: what it allows an order, an agent and the arena."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from cockpit.settings.section import Section
from cockpit.settings.values import DurationMs, Fraction, PauseMs

VENUE_MODES: Mapping[str, str] = {"paper": "paper"}
"""Kind of venue → whose money is at stake there: ``paper``, ``testnet`` or ``mainnet``."""


def _known_venue(kind: str) -> str:
    if kind not in VENUE_MODES:
        raise ValueError(f"there is no venue {kind!r}; there are: {', '.join(VENUE_MODES)}")
    return kind


def _by_mode(value: object) -> object:
    return None if value == "by mode" else value


Amount = Annotated[Annotated[float, Field(gt=0, le=1_000_000_000)] | None, BeforeValidator(_by_mode)]
Share = Annotated[Fraction | None, BeforeValidator(_by_mode)]
Multiple = Annotated[Annotated[float, Field(gt=0, le=100)] | None, BeforeValidator(_by_mode)]
Leverage = Annotated[Annotated[float, Field(ge=1, le=100)] | None, BeforeValidator(_by_mode)]
Count = Annotated[Annotated[int, Field(gt=0)] | None, BeforeValidator(_by_mode)]
AgeMs = Annotated[DurationMs | None, BeforeValidator(_by_mode)]


class RiskOverrides(Section):
    """Limits of one agent or one venue; what is not set here adds nothing.

    They only tighten: an order has to keep to these and to those of ``[risk]``, whichever is stricter.

    Attributes:
        max_order_notional: Of one order, in quote currency.
        max_position_notional: Of one symbol's exposure, in quote currency.
        max_price_deviation: How far a limit or trigger may be off the mark, as a fraction of it.
        max_gross_leverage: Gross notional of an agent's positions and entries per unit of its equity.
        leverage: Notional that one unit of initial margin carries, where the instrument allows as much.
        max_margin_use: Initial margin of positions and entries, as a fraction of equity.
        max_concentration: One symbol's exposure, as a fraction of equity.
        max_gross_exposure: Long and short together, in quote currency.
        max_net_exposure: Long less short, either way, in quote currency.
        max_open_orders: Of one agent, those that only reduce not counted.
        max_orders_per_minute: Created by one agent within 60 seconds of market time.
        max_mark_age: How old a symbol's last bar may be.
        cooldown_after_loss: Market time before an entry in the symbol of a losing trade; ``off`` for none.
        cooldown_after_stop: The same after a stop.
        symbols: What may be traded, as symbols or base coins; all there are unless given.
    """

    max_order_notional: Amount = None
    max_position_notional: Amount = None
    max_price_deviation: Share = None
    max_gross_leverage: Multiple = None
    leverage: Leverage = None
    max_margin_use: Share = None
    max_concentration: Multiple = None
    max_gross_exposure: Amount = None
    max_net_exposure: Amount = None
    max_open_orders: Count = None
    max_orders_per_minute: Count = None
    max_mark_age: AgeMs = None
    cooldown_after_loss: PauseMs = None
    cooldown_after_stop: PauseMs = None
    symbols: tuple[str, ...] = ()


def symbol_lists(risk: "RiskSettings", own: Mapping[str, RiskOverrides]) -> dict[str, tuple[str, ...]]:
    """Every list there is of what may be traded, by the setting that gives it.

    Args:
        risk: The run's.
        own: Agent → its overrides.
    """
    sections = {
        "risk": risk,
        **{f"risk.venues.{kind}": each for kind, each in risk.venues.items()},
        **{f"agents.{name}.risk": each for name, each in own.items()},
    }
    return {f"{name}.symbols": each.symbols for name, each in sections.items() if each.symbols}


class ArenaRiskSettings(Section):
    """What all agents together may reach; by mode unless given.

    Attributes:
        max_gross_leverage: Gross notional of all positions and entries per unit of all agents' equity.
        max_net_leverage: Long less short, either way, per unit of all agents' equity.
    """

    max_gross_leverage: Multiple = None
    max_net_leverage: Multiple = None


class RiskSettings(RiskOverrides):
    """What the risk gate allows each agent; ``by mode`` unless given: mainnet's limits are tighter.

    Attributes:
        arena: What all agents together may reach.
        venues: Kind of venue → limits that tighten these there.
    """

    arena: ArenaRiskSettings = ArenaRiskSettings()
    venues: dict[Annotated[str, AfterValidator(_known_venue)], RiskOverrides] = Field(default_factory=dict)

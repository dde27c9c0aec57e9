"""What each rule does and which limits it reads, for people: tables are made from this."""

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.trading.risk.gate import RULES
from cockpit.trading.risk.limits import RiskLimits, spelled
from cockpit.trading.risk.well_formed import malformation_of

RULE_LIMITS: Mapping[str, tuple[str, ...]] = {
    "cooldown": ("cooldown_after_loss_ms", "cooldown_after_stop_ms"),
    "symbol_list": ("symbols",),
    "stale_quote": ("max_mark_age_ms",),
    "open_orders": ("max_open_orders",),
    "orders_per_minute": ("max_orders_per_minute",),
    "price_collar": ("max_price_deviation",),
    "order_notional": ("max_order_notional",),
    "position_notional": ("max_position_notional",),
    "gross_leverage": ("max_gross_leverage",),
    "concentration": ("max_concentration",),
    "free_margin": ("max_margin_use", "leverage"),
    "gross_exposure": ("max_gross_exposure",),
    "net_exposure": ("max_net_exposure",),
    "arena_gross_leverage": ("max_arena_gross_leverage",),
    "arena_net_leverage": ("max_arena_net_leverage",),
}
"""Rule → the fields of `RiskLimits` it reads; the other rules read none."""


def _first_line(rule: object) -> str:
    return (rule.__doc__ or "").partition("\n")[0]


RULE_DOCS: Mapping[str, str] = {
    name: _first_line(rule) for name, rule in {"well_formed": malformation_of, **RULES}.items()
}
"""Rule → what it does, in one sentence; in the order the rules are asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One line of a table of rules.

    Attributes:
        rule: Its name.
        does: One sentence.
        limits: Limit → its value as people read it.
    """

    rule: str
    does: str
    limits: Mapping[str, str]


def rule_rows(limits: RiskLimits) -> list[RuleRow]:
    """Every rule in the order they are asked, with the limits in force."""
    return [
        RuleRow(
            rule=rule,
            does=does,
            limits={name: spelled(name, getattr(limits, name)) for name in RULE_LIMITS.get(rule, ())},
        )
        for rule, does in RULE_DOCS.items()
    ]

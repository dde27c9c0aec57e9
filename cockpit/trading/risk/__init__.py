"""The risk gate: limits, rules by subject, and `refusal_of`, which asks them."""

from cockpit.trading.risk.book import ExposureBook
from cockpit.trading.risk.gate import RULES, Refusal, refusal_of
from cockpit.trading.risk.limits import RISK_LIMITS_BY_MODE, RiskLimits, tightest

__all__ = [
    "RISK_LIMITS_BY_MODE",
    "RULES",
    "ExposureBook",
    "Refusal",
    "RiskLimits",
    "refusal_of",
    "tightest",
]

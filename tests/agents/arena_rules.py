"""The rules of an arena with two coins, as tests of agents that ask models tell them."""

from typing import Any

from cockpit.agents.prompts.rules_text import ArenaRules
from cockpit.domain.market import MINUTE_MS
from cockpit.trading.margin import MarginMode, MarginTerms
from tests.trading.arena_facts import BTC, CAPITAL, ETH

ROUND_MS = 3 * MINUTE_MS


def rules(**changes: Any) -> ArenaRules:
    given: dict[str, Any] = {
        "instruments": (BTC, ETH),
        "terms": MarginTerms(mode=MarginMode.CROSS, leverage=10.0),
        "capital": CAPITAL,
        "round_interval_ms": ROUND_MS,
        "may_pyramid": False,
        "may_close_partly": False,
        "closes_when_invalid": True,
        "further_rules": (),
        "invalidation_help": "",
        "answer_schema": "",
    }
    return ArenaRules(**(given | changes))

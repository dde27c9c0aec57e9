"""Whether what an answer says of how it was routed can be written down; nothing in it is trusted."""

from cockpit.domain.market import LEDGER_BOUND
from cockpit.domain.routing import MAX_CHEAP_MODELS, MAX_ROUTING_REASON, Escalation, Routing, Trigger
from cockpit.trading.value_checks import shown, text_fault

MAX_NAME = 200
"""Characters of a symbol or a model."""

MAX_SYMBOLS = 1_000


def routing_fault(routing: object) -> str | None:
    """What is wrong with how a decision was routed, in one line.

    Args:
        routing: Whatever the agent returned.

    Returns:
        None when it can be written down, or there is none.
    """
    if routing is None:
        return None
    if not isinstance(routing, Routing):
        return f"its routing is {type(routing).__name__}, not a routing"
    fault = (
        _names_fault("withheld symbol", routing.withheld, MAX_SYMBOLS)
        or text_fault("reason to skip", routing.skipped, MAX_ROUTING_REASON)
        or _escalation_fault(routing.escalation)
    )
    return None if fault is None else f"its routing can't be written down: {fault}"


def _escalation_fault(escalation: object) -> str | None:
    if escalation is None:
        return None
    if not isinstance(escalation, Escalation):
        return f"its escalation is {type(escalation).__name__}, not an escalation"
    return (
        _triggers_fault(escalation.triggers)
        or text_fault("reason to escalate", escalation.reason, MAX_ROUTING_REASON)
        or _names_fault("cheap model", escalation.cheap, MAX_CHEAP_MODELS)
        or _names_fault("powerful model", (escalation.powerful,), 1)
        or _changed_fault(escalation.changed)
        or _cost_fault(escalation.cheap_cost)
        or _cost_fault(escalation.powerful_cost)
    )


def _names_fault(word: str, names: object, most: int) -> str | None:
    if not isinstance(names, tuple):
        return f"its {word}s are {type(names).__name__}, not a tuple"
    if len(names) > most:
        return f"it has {len(names)} {word}s, more than {most}"
    return next(filter(None, (text_fault(word, each, MAX_NAME) for each in names)), None)


def _triggers_fault(triggers: object) -> str | None:
    if not isinstance(triggers, tuple) or not 0 < len(triggers) <= len(Trigger):
        return "its triggers are no tuple of some"
    strange = next((each for each in triggers if not isinstance(each, Trigger)), None)
    return None if strange is None else f"a trigger is {shown(strange)}"


def _changed_fault(changed: object) -> str | None:
    return None if changed is None or isinstance(changed, bool) else f"changed is {shown(changed)}"


def _cost_fault(cost: object) -> str | None:
    if cost is None or (isinstance(cost, int) and not isinstance(cost, bool) and 0 <= cost < LEDGER_BOUND):
        return None
    return f"a cost of {shown(cost)} is no number of micro-dollars"

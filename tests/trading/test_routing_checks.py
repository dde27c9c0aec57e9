"""Whether what an answer says of its routing can be written down; nothing in it is trusted."""

from dataclasses import replace

import pytest

from cockpit.domain.decisions import Decision, DecisionFailure, FailureKind
from cockpit.domain.market import Micros
from cockpit.domain.routing import MAX_ROUTING_REASON, Escalation, Routing, Trigger
from cockpit.trading.decision_checks import thoughts_fault
from cockpit.trading.routing_checks import routing_fault

SOUND = Escalation(
    triggers=(Trigger.CONFIDENCE, Trigger.DRAWDOWN),
    reason="confidence 0.4 in BTC, below 0.6",
    cheap=("x/small", "y/small"),
    powerful="x/y",
    changed=True,
    cheap_cost=Micros(300),
    powerful_cost=None,
)


@pytest.mark.parametrize(
    "routing",
    [
        None,
        Routing(),
        Routing(skipped="x" * MAX_ROUTING_REASON),
        Routing(withheld=("BTC/USDC:USDC",)),
        Routing(escalation=SOUND),
        Routing(escalation=replace(SOUND, changed=None, powerful_cost=Micros(0))),
    ],
)
def test_what_is_what_it_claims_to_be_can_be_written_down(routing):
    assert routing_fault(routing) is None


# fmt: off
FAULTS = [
    ("cheap",                                              "its routing is str, not a routing"),
    (Routing(skipped=None),                                "reason to skip is NoneType, not text"),
    (Routing(skipped="x" * (MAX_ROUTING_REASON + 1)),      "501 characters"),
    (Routing(skipped="\ud800"),                            "half a character"),
    (Routing(withheld=["BTC"]),                            "withheld symbols are list, not a tuple"),
    (Routing(withheld=("x",) * 1_001),                     "1001 withheld symbols, more than 1000"),
    (Routing(withheld=(1,)),                               "withheld symbol is int, not text"),
    (Routing(escalation={}),                               "its escalation is dict, not an escalation"),
    (Routing(escalation=replace(SOUND, triggers=())),      "its triggers are no tuple of some"),
    (Routing(escalation=replace(SOUND, triggers=("boo",))), "a trigger is type str"),
    (Routing(escalation=replace(SOUND, reason=None)),      "reason to escalate is NoneType"),
    (Routing(escalation=replace(SOUND, cheap="x/small")),  "cheap models are str, not a tuple"),
    (Routing(escalation=replace(SOUND, cheap=("x",) * 6)), "6 cheap models, more than 5"),
    (Routing(escalation=replace(SOUND, powerful=None)),    "powerful model is NoneType, not text"),
    (Routing(escalation=replace(SOUND, changed="yes")),    "changed is type str"),
    (Routing(escalation=replace(SOUND, cheap_cost=-1)),    "a cost of -1 is no number of micro-dollars"),
    (Routing(escalation=replace(SOUND, cheap_cost=True)),  "a cost of True is no number"),
    (Routing(escalation=replace(SOUND, cheap_cost=0.5)),   "a cost of 0.5 is no number of micro-dollars"),
    (Routing(escalation=replace(SOUND, powerful_cost=2**53)), "a cost of more than 2^53"),
]
# fmt: on


@pytest.mark.parametrize(("routing", "fault"), FAULTS)
def test_what_is_not_is_refused_with_a_reason(routing, fault):
    assert fault in routing_fault(routing)


def test_answers_and_failures_alike_are_checked():
    junk = {"agent": "ann", "routing": 7}
    failed = DecisionFailure(failure=FailureKind.TIMEOUT, message="late", **junk)
    for answer in (Decision(targets=(), **junk), failed):
        assert thoughts_fault(answer) == "its routing is int, not a routing"

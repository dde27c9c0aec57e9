"""Whether a debate can be written down; nothing in it is trusted, not even its types."""

from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.debates import (
    MAX_ARGUMENT,
    MAX_SIGNAL,
    MAX_SIGNALS,
    Debate,
    DebateMessage,
    Stance,
    SymbolConsensus,
    SymbolStance,
)
from cockpit.domain.decisions import Decision, DecisionFailure, FailureKind, ModelCall
from cockpit.trading.debate_checks import debate_fault
from cockpit.trading.decision_checks import decision_fault, thoughts_fault

LONG = SymbolStance(symbol="BTC", stance=Stance.LONG, confidence=0.7)
SAID = DebateMessage(
    turn=1, role="bull", model="x/y", stances=(LONG,), signals=("RSI 28",), argument="It rises.", call=0
)
SILENT = DebateMessage(turn=1, role="bear", model="x/y", failed="too slow", call=1)
VIEW = SymbolConsensus(
    symbol="BTC", stance=Stance.LONG, confidence=0.7, agreement=None, opinions=1, mark=50_000.0
)
DEBATE = Debate(
    symbols=("BTC",),
    messages=(SAID, SILENT),
    consensus=(VIEW,),
    agreement=None,
    is_disagreed=False,
    shadow=replace(SAID, turn=0, role="shadow", call=None),
    prompt_version="v",
    horizon_ms=60_000,
)


def fault(*, said=None, view=None, stance=None, **changes):
    """What is wrong once something in it is another thing."""
    if stance is not None:
        said = {"stances": (replace(LONG, **stance),)}
    if said is not None:
        changes["messages"] = (replace(SAID, **said), SILENT)
    if view is not None:
        changes["consensus"] = (replace(VIEW, **view),)
    return debate_fault(replace(DEBATE, **changes), calls=2)


def test_a_sound_debate_can_be_written_down_and_none_as_well():
    assert fault() is None
    assert debate_fault(None, 0) is None


# fmt: off
BROKEN = [
    ({"symbols": ["BTC"]},                          "its symbols are list, not a tuple"),
    ({"symbols": ("BTC", "BTC")},                   "it names a symbol twice"),
    ({"symbols": (5,)},                             "its symbol is int, not text"),
    ({"messages": None},                            "its messages are NoneType, not a tuple"),
    ({"messages": ("hello",)},                      "a message is str, not a message"),
    ({"messages": (SAID,) * 101},                   "it has 101 messages, more than 100"),
    ({"shadow": "yes"},                             "a message is str, not a message"),
    ({"agreement": 1.01},                           "its agreement of 1.01 is outside 0 … 1"),
    ({"agreement": True},                           "its agreement of True is outside 0 … 1"),
    ({"is_disagreed": 1},                           "is_disagreed is 1"),
    ({"prompt_version": "x" * 201},                 "its prompt version has 201 characters"),
    ({"horizon_ms": -1},                            "its horizon_ms of -1 is no number"),
    ({"horizon_ms": 2**60},                         "its horizon_ms of more than 2^53 is no number"),
    ({"consensus": (VIEW, VIEW)},                   "it names a symbol twice"),
    ({"consensus": (LONG,)},                        "a consensus is SymbolStance, not a consensus"),
    ({"view": {"symbol": "ETH"}},                   "ETH was not debated"),
    ({"stance": {"symbol": "ETH"}},                 "ETH was not debated"),
    ({"shadow": replace(SAID, stances=(replace(LONG, symbol="ETH"),))}, "ETH was not debated"),
    ({"view": {"stance": "long-ish"}},              "a stance is type str"),
    ({"view": {"mark": nan}},                       "a mark of nan is no price"),
    ({"view": {"opinions": 1.5}},                   "its opinions of 1.5 is no number"),
    ({"view": {"agreement": -0.1}},                 "its agreement of -0.1 is outside"),
    ({"said": {"role": "b" * 201}},                 "its role has 201 characters"),
    ({"said": {"model": None}},                     "its model is NoneType, not text"),
    ({"said": {"turn": True}},                      "its turn of True is no number"),
    ({"said": {"argument": "x" * (MAX_ARGUMENT + 1)}}, f"its argument has {MAX_ARGUMENT + 1} characters"),
    ({"said": {"argument": "half \ud800"}},         "a lone surrogate"),
    ({"said": {"failed": 5}},                       "its failure is int, not text"),
    ({"said": {"signals": ("x",) * (MAX_SIGNALS + 1)}}, f"it has {MAX_SIGNALS + 1} signals, more than"),
    ({"said": {"signals": ("x" * (MAX_SIGNAL + 1),)}}, f"its signal has {MAX_SIGNAL + 1} characters"),
    ({"said": {"tools": (b"quote",)}},              "its tool is bytes, not text"),
    ({"said": {"call": 2}},                         "its call of 2 is no number from 0 to below 2"),
    ({"said": {"call": -1}},                        "its call of -1 is no number"),
    ({"said": {"stances": (LONG, LONG)}},           "it names a symbol twice"),
    ({"said": {"stances": ({},)}},                  "a stance is dict, not a stance"),
    ({"stance": {"stance": "long-ish"}},            "a stance is type str"),
    ({"stance": {"symbol": []}},                    "its symbol is list, not text"),
    ({"stance": {"confidence": inf}},               "its confidence of inf is outside 0 … 1"),
    ({"stance": {"confidence": True}},              "its confidence of True is outside 0 … 1"),
]
# fmt: on


@pytest.mark.parametrize(("changes", "words"), BROKEN)
def test_what_can_t_be_written_down_is_told_in_one_line(changes, words):
    said = fault(**changes)
    assert said is not None
    assert said.startswith("a debate can't be written down: ")
    assert words in said


def test_what_is_no_debate_is_none():
    assert debate_fault({"messages": ()}, 0) == "its debate is dict, not a debate"


ANYTHING = st.none() | st.booleans() | st.floats() | st.text(max_size=3) | st.just(()) | st.just((1, None))


@given(
    st.dictionaries(st.sampled_from(Debate.__slots__), ANYTHING),
    st.dictionaries(st.sampled_from(DebateMessage.__slots__), ANYTHING),
    st.dictionaries(st.sampled_from(SymbolConsensus.__slots__), ANYTHING),
    st.dictionaries(st.sampled_from(SymbolStance.__slots__), ANYTHING),
)
def test_no_debate_makes_the_check_raise(debate, said, view, stance):
    stances = {"stances": (replace(LONG, **stance),)} | said
    changed = {"messages": (replace(SAID, **stances),), "consensus": (replace(VIEW, **view),)} | debate
    came = debate_fault(replace(DEBATE, **changed), calls=2)
    assert came is None or "\n" not in came


CALL = ModelCall(role="bull", model="x/y", key="k", request="{}")


def test_an_answer_is_as_sound_as_its_debate():
    calls = (CALL, CALL)
    good = Decision(agent="ann", targets=(), calls=calls, debate=DEBATE)
    assert decision_fault(good, "ann", {}) is None
    assert "call of 1" in decision_fault(replace(good, calls=(CALL,)), "ann", {})
    failed = DecisionFailure(
        agent="ann", failure=FailureKind.TIMEOUT, message="too slow", calls=calls, debate=DEBATE
    )
    assert thoughts_fault(failed) is None
    assert "call of 0" in thoughts_fault(replace(failed, calls=()))

"""Whether an answer can be acted on; nothing in it is trusted, not even its types."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.decisions import Decision, DecisionFailure, FailureKind, ModelCall, Target, Thesis
from cockpit.domain.market import Micros
from cockpit.trading.decision_checks import MAX_CALL_LENGTH, MAX_REASON_LENGTH, decision_fault
from tests.trading.arena_facts import BTC, ETH

MARKS = {BTC.symbol: 50_000.0, ETH.symbol: 2_000.0}
HUGE = 10**5000


def fault(*targets, agent="ann"):
    return decision_fault(Decision(agent=agent, targets=targets), "ann", MARKS)


def btc(exposure=1.0, **words):
    return Target(symbol=BTC.symbol, exposure=exposure, **words)


# fmt: off
SOUND = [
    btc(1.0), btc(-1.0), btc(0.0), btc(1), btc(0.3, confidence=0.0), btc(0.3, confidence=1),
    btc(1.0, stop=49_999.0, take_profit=50_001.0),
    btc(-1.0, stop=50_001.0, take_profit=49_999.0),
    btc(0.0, stop=60_000.0, take_profit=40_000.0),      # flat has no sides
    btc(1.0, stop=1e-9, take_profit=1e12),
    btc(1.0, reason="x" * MAX_REASON_LENGTH),
    btc(1.0, quantity=0.15, thesis=Thesis(invalidation="price < 1", leverage=20.0, risk=100.0)),
    btc(1.0, reason="größer als der Durchschnitt 📈"),
]
# fmt: on


@pytest.mark.parametrize("target", SOUND)
def test_an_answer_in_bounds_can_be_acted_on(target):
    assert fault(target) is None


def test_no_opinion_is_an_answer():
    assert fault() is None


# fmt: off
OUT_OF_BOUNDS = [
    ([btc(nan)], "an exposure of nan is outside −1 … 1"),
    ([btc(inf)], "an exposure of inf is outside −1 … 1"),
    ([btc(-inf)], "an exposure of -inf is outside −1 … 1"),
    ([btc(1.01)], "an exposure of 1.01 is outside −1 … 1"),
    ([btc(-1.01)], "an exposure of -1.01 is outside −1 … 1"),
    ([btc(1e30)], "an exposure of 1e+30 is outside −1 … 1"),
    ([btc(HUGE)], "an exposure of more than 2^53 is outside −1 … 1"),
    ([btc("1")], "an exposure of type str is outside −1 … 1"),
    ([btc(None)], "an exposure of type NoneType is outside −1 … 1"),
    ([btc(1.0, quantity=nan)], "a quantity of nan is outside 0 … 2^53"),
    ([btc(1.0, quantity=-0.1)], "a quantity of -0.1 is outside 0 … 2^53"),
    ([btc(1.0, quantity=0)], "a quantity of 0 is no position: an exposure of 0 ends one"),
    ([btc(1.0, quantity="all")], "a quantity of type str is outside 0 … 2^53"),
    ([btc(1.0, thesis="up")], "its thesis is str, not a thesis"),
    ([btc(1.0, thesis=Thesis(leverage=inf))], "a leverage of inf is outside 0 … 2^53"),
    ([btc(1.0, thesis=Thesis(risk=-1.0))], "a risk of -1.0 is outside 0 … 2^53"),
    ([btc(1.0, thesis=Thesis(invalidation="x" * 501))], "its invalidation has 501 characters, more than 500"),
    ([btc(1.0, confidence=1.1)], "a confidence of 1.1 is outside 0 … 1"),
    ([btc(1.0, confidence=-0.1)], "a confidence of -0.1 is outside 0 … 1"),
    ([btc(1.0, confidence=nan)], "a confidence of nan is outside 0 … 1"),
    ([btc(1.0, confidence="high")], "a confidence of type str is outside 0 … 1"),
    ([btc(1.0, stop=50_000.0)], "a stop of 50000 is on the wrong side of the mark 50000"),
    ([btc(1.0, stop=51_000.0)], "a stop of 51000 is on the wrong side of the mark 50000"),
    ([btc(-1.0, stop=49_000.0)], "a stop of 49000 is on the wrong side of the mark 50000"),
    ([btc(1.0, take_profit=49_000.0)], "a take profit of 49000 is on the wrong side of the mark 50000"),
    ([btc(-1.0, take_profit=50_000.0)], "a take profit of 50000 is on the wrong side of the mark 50000"),
    ([btc(1.0, stop=0.0)], "a stop of 0.0 is no price"),
    ([btc(1.0, stop=-5.0)], "a stop of -5.0 is no price"),
    ([btc(1.0, stop=nan)], "a stop of nan is no price"),
    ([btc(1.0, take_profit=inf)], "a take profit of inf is no price"),
    ([btc(1.0, take_profit=1e308)], "a take profit of 1e+308 is no price"),
    ([btc(1.0, take_profit=HUGE)], "a take profit of more than 2^53 is no price"),
    ([btc(0.0, stop="49000")], "a stop of type str is no price"),
    ([btc(1.0, reason="x" * 501)], "its reason has 501 characters, more than 500"),
    ([btc(1.0, reason=None)], "its reason is NoneType, not text"),
    ([btc(1.0, reason="\ud800")],
     "its reason has half a character (a lone surrogate), which can't be written down"),
]
# fmt: on


@pytest.mark.parametrize(("targets", "words"), OUT_OF_BOUNDS)
def test_a_target_out_of_bounds_is_refused_with_its_figure(targets, words):
    assert fault(*targets) == f"{BTC.symbol}: {words}"


# fmt: off
NO_ANSWERS = [
    (None, "it returned NoneType, not a decision"),
    ("buy!", "it returned str, not a decision"),
    (DecisionFailure(agent="bob", failure=FailureKind.CRASH, message=""),
     "it returned DecisionFailure, not a decision"),
    (Decision(agent="bob", targets=()), "it answered in another agent's name"),
    (Decision(agent=None, targets=()), "it answered in another agent's name"),
    (Decision(agent="ann", targets=None), "its targets are NoneType, not a tuple"),
    (Decision(agent="ann", targets=[btc()]), "its targets are list, not a tuple"),
    (Decision(agent="ann", targets=("buy",)), "a target is str, not a target"),
    (Decision(agent="ann", targets=(btc(), None)), "a target is NoneType, not a target"),
    (Decision(agent="ann", targets=(btc(), btc(0.5))), f"it gave two targets for {BTC.symbol}"),
    (Decision(agent="ann", targets=(Target(symbol=["BTC"], exposure=1.0),)), "a symbol is list, not text"),
    (Decision(agent="ann", targets=(Target(symbol="XRP", exposure=1.0),)),
     "XRP: it is not traded here, or has no price yet"),
    (Decision(agent="ann", targets=(Target(symbol="\ud800\n", exposure=1.0),)),
     "\\ud800\\n: it is not traded here, or has no price yet"),
    (Decision(agent="ann", targets=(Target(symbol="X" * 10_000, exposure=1.0),)),
     "X" * 40 + ": it is not traded here, or has no price yet"),
]
# fmt: on


@pytest.mark.parametrize(("answer", "words"), NO_ANSWERS)
def test_what_is_no_answer_is_refused_in_one_line(answer, words):
    assert decision_fault(answer, "ann", MARKS) == words


def test_the_first_fault_is_told():
    assert fault(btc(), Target(symbol=ETH.symbol, exposure=2.0), btc(nan)) == (
        f"{ETH.symbol}: an exposure of 2.0 is outside −1 … 1"
    )


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(exclude_categories=[]), max_size=600),
    st.binary(max_size=3),
    st.lists(st.integers(), max_size=2),
    st.sampled_from([HUGE, -HUGE, 1e-320, BTC.symbol, ETH.symbol, object(), float]),
)
ANYTHING = st.builds(
    Decision,
    agent=st.just("ann"),
    targets=st.one_of(
        JUNK,
        st.lists(
            st.one_of(
                JUNK,
                st.builds(
                    Target,
                    symbol=st.one_of(st.sampled_from([BTC.symbol, ETH.symbol]), JUNK),
                    exposure=st.one_of(st.floats(-1, 1), JUNK),
                    stop=JUNK,
                    take_profit=JUNK,
                    confidence=JUNK,
                    reason=st.one_of(st.just(""), JUNK),
                ),
            ),
            max_size=3,
        ).map(tuple),
    ),
)


@given(st.one_of(ANYTHING, JUNK))
def test_whatever_an_agent_answers_it_is_accepted_sound_or_refused_in_words(answer):
    words = decision_fault(answer, "ann", MARKS)
    if words is not None:
        assert 0 < len(words) < 300
        assert words.encode()
        assert "\n" not in words
        return
    for target in answer.targets:
        assert -1 <= target.exposure <= 1
        mark = MARKS[target.symbol]
        side = (target.exposure > 0) - (target.exposure < 0)
        assert target.stop is None or (mark - target.stop) * side >= 0
        assert target.take_profit is None or (target.take_profit - mark) * side >= 0
        assert len(target.reason) <= MAX_REASON_LENGTH


# --- What is traded, but has no price yet


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, None),
        ({"reason": "warming up"}, None),
        ({"stop": 1.0}, "it has no price yet that a stop or take profit could be measured by"),
        ({"take_profit": 1.0}, "it has no price yet that a stop or take profit could be measured by"),
    ],
)
def test_a_symbol_without_a_price_spoils_no_answer_unless_a_price_is_said_of_it(given, words):
    answer = Decision(agent="ann", targets=(Target(symbol="SOL", exposure=1.0, **given), btc(1.0)))
    said = decision_fault(answer, "ann", MARKS, (*MARKS, "SOL"))
    assert said == (words and f"SOL: {words}")
    assert "not traded here" in decision_fault(answer, "ann", MARKS)


# --- What comes with an answer


def call(**given):
    return ModelCall(**({"role": "decide", "model": "x/y", "key": "k", "request": "{}"} | given))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"calls": (call(reply="größer", cost=Micros(12)),)}, None),
        ({"calls": [call()]}, "its model calls are list, not a tuple"),
        ({"calls": ("a call",)}, "a model call is str, not a call"),
        ({"calls": (call(reply="half \ud800"),)}, "a lone surrogate"),
        ({"calls": (call(cost=-1),)}, "its cost of -1 is outside 0 … 2^53"),
        ({"calls": (call(input_tokens=2**60),)}, "its input_tokens of more than 2^53"),
        ({"calls": (call(raw="x" * (MAX_CALL_LENGTH + 1)),)}, "more than 2000000"),
        ({"refused": ("ETH: no", "BTC: no")}, None),
        ({"refused": ["ETH: no"]}, "what it refused is list, not a tuple"),
        ({"refused": ("x" * 501,)}, "its refusal has 501 characters"),
        ({"refused": (3,)}, "its refusal is int, not text"),
    ],
)
def test_what_comes_with_an_answer_can_be_written_down(given, words):
    said = decision_fault(Decision(agent="ann", targets=(), **given), "ann", MARKS)
    assert (said is None) if words is None else (words in said)

"""When what cheap models say is good enough, and when it is the powerful one's to decide."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.agents.answers.decision_reply import ReplyRead
from cockpit.agents.routing import CheapAnswer, cheap_word, differs, reason_of, triggers_of
from cockpit.domain.decisions import Target
from cockpit.domain.routing import MAX_ROUTING_REASON, RoutingMode, Trigger
from tests.agents.routing_stage import OWN, ROUTE, THREE, holding, view_of
from tests.trading.arena_facts import BTC, ETH

VIEW = view_of()
SYMBOLS = (BTC.symbol, ETH.symbol)
SHORTED = holding(-100)
HELD = holding(100)
EVERY = replace(ROUTE, mode=RoutingMode.ESCALATION_ONLY)
NAMES = ("small/a", "small/b", "small/c")


def target(symbol=BTC.symbol, exposure=1.0, quantity=0.1, confidence=0.8, **given):
    return Target(
        symbol=symbol,
        exposure=exposure,
        quantity=quantity if exposure else None,
        confidence=confidence,
        **given,
    )


def buy(quantity=0.1, confidence=0.8, symbol=BTC.symbol, **given):
    return target(symbol, 1.0, quantity, confidence, **given)


def sell(quantity=0.1, confidence=0.8, symbol=BTC.symbol, **given):
    return target(symbol, -1.0, quantity, confidence, **given)


OUT = target(exposure=0.0, confidence=0.9)


def answer(*targets, model="small/a", refusals=()):
    return CheapAnswer(model=model, read=ReplyRead(targets=targets, refusals=refusals))


def no_answer(model="small/a", fault="no answer within 45 s"):
    return CheapAnswer(model=model, read=None, fault=fault)


def word_of(*answers, own=OWN):
    return cheap_word(answers, SYMBOLS, own)


def triggers(route, *answers, own=OWN):
    return triggers_of(route, word_of(*answers, own=own), VIEW, own)


# --- What several of them say together

# fmt: off
VOTES = [
    # what each wants in BTC (None: hold), what is held, whose target counts (None: hold), agreement
    ((buy(0.1),  buy(0.2),  buy(0.3)),  OWN,     0,    3 / 3),
    ((sell(0.1), buy(0.2),  buy(0.3)),  OWN,     1,    2 / 3),
    ((sell(0.1), buy(0.2),  None),      OWN,     0,    1 / 3),  # all at odds: the first one's
    ((None,      buy(0.2),  buy(0.3)),  OWN,     1,    2 / 3),
    ((None,      None,      buy(0.3)),  OWN,     None, 2 / 3),
    ((None,      OUT,       OUT),       HELD,    1,    2 / 3),
    ((None,      None,      OUT),       HELD,    None, 2 / 3),
    ((None,      buy(0.2),  OUT),       HELD,    None, 2 / 3),  # holding a long and adding to it is one side
    ((None,      sell(0.2), buy(0.3)),  SHORTED, None, 2 / 3),
    ((None,      None,      None),      OWN,     None, 3 / 3),
]
# fmt: on


@pytest.mark.parametrize(("wants", "own", "chosen", "agreement"), VOTES)
def test_the_side_that_most_take_counts_as_the_first_of_them_puts_it(wants, own, chosen, agreement):
    answers = [
        answer(*([want] if want else []), model=model) for model, want in zip(NAMES, wants, strict=True)
    ]
    word = word_of(*answers, own=own)
    assert word.targets == (() if chosen is None else (wants[chosen],))
    assert word.agreement[BTC.symbol] == pytest.approx(agreement)
    assert word.agreement[ETH.symbol] == 1


def test_each_instrument_is_voted_on_by_itself():
    eth = {"symbol": ETH.symbol}
    word = word_of(
        answer(buy(0.1), sell(3.0, **eth)),
        answer(sell(0.1), buy(2.0, **eth), model="small/b"),
        answer(buy(0.3), buy(1.0, **eth), model="small/c"),
    )
    assert word.targets == (buy(0.1), buy(2.0, **eth))


def test_who_gives_no_usable_answer_counts_against_every_agreement():
    word = word_of(answer(buy()), no_answer("small/b"), answer(buy(), model="small/c"))
    assert word.agreement == pytest.approx({BTC.symbol: 2 / 3, ETH.symbol: 2 / 3})
    assert (word.usable, word.asked, word.fault) == (2, 3, "small/b: no answer within 45 s")


def test_an_answer_of_which_a_part_was_refused_is_not_trusted_in_the_rest():
    refused = answer(buy(), refusals=("ETH/USDC:USDC: leverage: 1000 is more than 10",))
    word = word_of(refused)
    assert (word.targets, word.usable) == ((), 0)
    assert "leverage: 1000" in word.fault


wants = st.sampled_from([None, buy(0.1), buy(0.2), sell(0.1), OUT])


@settings(max_examples=60)
@given(wants=st.lists(wants, min_size=1, max_size=5), own=st.sampled_from([OWN, HELD, SHORTED]))
def test_what_they_say_together_is_what_one_of_them_said(wants, own):
    answers = [answer(*([want] if want else []), model=f"small/{n}") for n, want in enumerate(wants)]
    word = word_of(*answers, own=own)
    assert all(each in wants for each in word.targets)
    assert all(1 / len(wants) <= share <= 1 for share in word.agreement.values())
    assert word == word_of(*answers, own=own)


# --- What escalates

# fmt: off
TABLE = [
    # route, answers, account, triggers
    (ROUTE, (answer(),),                               OWN,    ()),
    (ROUTE, (answer(buy()),),                          OWN,    ()),
    (ROUTE, (answer(OUT),),                            HELD,   ()),
    # confidence, of what it wants to do
    (ROUTE, (answer(buy(confidence=0.6)),),            OWN,    ()),
    (ROUTE, (answer(buy(confidence=0.59)),),           OWN,    (Trigger.CONFIDENCE,)),
    (ROUTE, (answer(buy(confidence=None)),),           OWN,    (Trigger.CONFIDENCE,)),
    (ROUTE, (answer(replace(OUT, confidence=0.1)),),   HELD,   (Trigger.CONFIDENCE,)),
    (replace(ROUTE, min_confidence=0.0), (answer(buy(confidence=None)),), OWN, ()),
    # notional: 0.4 BTC are worth twice its equity
    (ROUTE, (answer(buy(0.4)),),                       OWN,    ()),
    (ROUTE, (answer(buy(0.401)),),                     OWN,    (Trigger.NOTIONAL,)),
    (ROUTE, (answer(sell(0.401)),),                    OWN,    (Trigger.NOTIONAL,)),
    (ROUTE, (answer(buy(0.3), buy(5.1, symbol=ETH.symbol)),), OWN, (Trigger.NOTIONAL,)),
    (ROUTE, (answer(buy(0.01)),),                      replace(OWN, equity=0), (Trigger.NOTIONAL,)),
    (ROUTE, (answer(OUT),),                            holding(900), ()),
    (ROUTE, (answer(buy(0.5)),),                       holding(900), ()),   # it keeps a part of 0.9
    (ROUTE, (answer(buy(1.0)),),                       holding(900), (Trigger.NOTIONAL,)),
    (ROUTE, (answer(sell(0.5)),),                      holding(900), (Trigger.NOTIONAL,)),
    (replace(ROUTE, max_notional=0.0), (answer(buy(0.001)),), OWN, (Trigger.NOTIONAL,)),
    # drawdown, where something is at risk
    (ROUTE, (answer(buy()),),                          replace(OWN, drawdown=0.1),   ()),
    (ROUTE, (answer(buy()),),                          replace(OWN, drawdown=0.101), (Trigger.DRAWDOWN,)),
    (ROUTE, (answer(),),                               replace(OWN, drawdown=0.5),   ()),
    (ROUTE, (answer(),),                               replace(HELD, drawdown=0.5),  (Trigger.DRAWDOWN,)),
    (ROUTE, (answer(buy()),),                          replace(OWN, drawdown=None),  ()),
    # disagreement
    (THREE, (answer(buy()), answer(buy()), answer()),  OWN,    ()),
    (THREE, (answer(buy()), answer(sell()), answer()), OWN,    (Trigger.DISAGREEMENT,)),
    (THREE, (answer(buy()), answer(buy()), no_answer()), OWN,  ()),
    (THREE, (answer(buy()), no_answer(), no_answer()), OWN,    (Trigger.DISAGREEMENT,)),
    (replace(THREE, min_agreement=0.0), (answer(buy()), answer(sell()), answer()), OWN, ()),
    # no answer
    (ROUTE, (no_answer(),),                            OWN,    (Trigger.UNUSABLE,)),
    (ROUTE, (answer(buy(), refusals=("ETH: no",)),),   OWN,    (Trigger.UNUSABLE,)),
    (THREE, (no_answer(), no_answer(), no_answer()),   HELD,   (Trigger.UNUSABLE,)),
    # an exit, where the cheap ones only watch
    (EVERY, (answer(OUT),),                            HELD,   (Trigger.EXIT,)),
    (EVERY, (answer(buy(0.05)),),                      HELD,   (Trigger.EXIT,)),   # half of it
    (EVERY, (answer(buy()),),                          OWN,    ()),
    (EVERY, (answer(sell()),),                         HELD,   ()),     # it turns it round
    # several at once, in one order
    (THREE, (answer(buy(1.0, 0.1)), answer(sell()), answer()), replace(OWN, drawdown=0.3),
     (Trigger.DISAGREEMENT, Trigger.CONFIDENCE, Trigger.NOTIONAL, Trigger.DRAWDOWN)),
]
# fmt: on


@pytest.mark.parametrize(("route", "answers", "own", "expected"), TABLE)
def test_what_escalates(route, answers, own, expected):
    found = triggers(route, *answers, own=own)
    assert tuple(found) == expected
    assert all(reason.isprintable() for reason in found.values())


def test_reasons_say_what_was_found_and_what_it_was_held_against():
    at_odds = triggers(
        THREE, answer(buy(1.0, 0.1)), answer(sell()), no_answer(), own=replace(OWN, drawdown=0.3)
    )
    assert reason_of(at_odds) == (
        "1 of 3 agree on BTC, 1 gave no answer that can be used; confidence 0.1 in BTC, below 0.6;"
        " entries worth 5 times equity, above 2; drawdown 30.00%, above 10.00%"
    )
    assert reason_of(triggers(EVERY, answer(OUT), own=HELD)) == "they want to be out of BTC"
    assert reason_of(triggers(ROUTE, answer(buy(confidence=None)))) == "no confidence in BTC, below 0.6"


def test_a_reason_is_bounded_whatever_a_model_s_failure_said():
    reason = reason_of(triggers(ROUTE, no_answer(fault="x" * 5_000)))
    assert len(reason) == MAX_ROUTING_REASON


# --- Whether it made a difference

# fmt: off
DIFFERENCES = [
    ((),                 (),                             False),
    ((buy(),),           (buy(0.3, 0.5, stop=40_000.0),), False),
    ((buy(),),           (sell(),),                      True),
    ((buy(),),           (),                             True),
    ((),                 (OUT,),                         True),
    ((OUT,),             (OUT,),                         False),
    ((buy(),),           (buy(), buy(symbol=ETH.symbol)), True),
]
# fmt: on


@pytest.mark.parametrize(("cheap", "powerful", "expected"), DIFFERENCES)
def test_a_decision_is_changed_by_another_side_and_not_by_another_size(cheap, powerful, expected):
    assert differs(cheap, powerful) is expected

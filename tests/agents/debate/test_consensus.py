"""What stances come to: the majority's side, by heads, and how many agree with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.agents.debate.consensus import agreement_of, consensus_of
from cockpit.domain.debates import Stance, SymbolStance

SIDES = {"L": Stance.LONG, "S": Stance.SHORT, "F": Stance.FLAT}


def opinions_of(words, symbol="BTC"):
    """Each analyst's side and confidence in tenths: ``L7 S3`` is two analysts."""
    return [
        [SymbolStance(symbol=symbol, stance=SIDES[word[0]], confidence=int(word[1:]) / 10)]
        for word in words.split()
    ]


# fmt: off
TABLE = [
    # said                stance         confidence  agreement
    ("L7 L7 L7 L7 L7",    Stance.LONG,   0.7,        1.0),
    ("L9 L5 L4 S9 F1",    Stance.LONG,   0.6,        0.6),
    ("S2 S4 L10",         Stance.SHORT,  0.3,        2 / 3),   # heads, not voices
    ("L6 S5",             Stance.LONG,   0.6,        0.5),     # tied: the surer side
    ("L5 S5",             Stance.FLAT,   None,       0.5),     # tied for good
    ("L5 S5 F1",          Stance.FLAT,   0.1,        1 / 3),
    ("L3 L4 S3 S4 F9",    Stance.FLAT,   0.9,        0.4),     # neither side convinces
    ("L3 L5 S3 S4 F9",    Stance.LONG,   0.4,        0.4),
    ("F5 F5 F0",          Stance.FLAT,   1 / 3,      1.0),
    ("L0 L0",             Stance.LONG,   0.0,        1.0),
    ("S8",                Stance.SHORT,  0.8,        None),    # nobody to agree with
    ("",                  None,          None,       None),
]
# fmt: on


@pytest.mark.parametrize(("said", "stance", "confidence", "agreement"), TABLE)
def test_the_majority_by_heads(said, stance, confidence, agreement):
    [came] = consensus_of(["BTC"], opinions_of(said), {"BTC": 50_000.0})
    assert came.stance is stance
    assert came.confidence == (None if confidence is None else pytest.approx(confidence))
    assert came.agreement == (None if agreement is None else pytest.approx(agreement))
    assert (came.opinions, came.mark) == (len(said.split()), 50_000.0)


def test_each_symbol_is_counted_by_itself_and_the_mean_is_over_those_that_can_be():
    opinions = [
        *opinions_of("L5 L5 S5 S6"),
        *opinions_of("S5 S5", "ETH"),
        *opinions_of("F5", "DOGE"),
    ]
    came = consensus_of(["BTC", "ETH", "DOGE", "SOL"], opinions, {"ETH": 2_000.0})
    assert [(each.symbol, each.agreement, each.mark) for each in came] == [
        ("BTC", 0.5, None),
        ("ETH", 1.0, 2_000.0),
        ("DOGE", None, None),
        ("SOL", None, None),
    ]
    assert agreement_of(came) == 0.75
    assert agreement_of(came[2:]) is None


SAID = st.lists(st.tuples(st.sampled_from(Stance), st.floats(0, 1)), max_size=9)


@given(SAID)
def test_the_order_of_the_speakers_makes_no_difference(said):
    opinions = [[SymbolStance(symbol="BTC", stance=side, confidence=sure)] for side, sure in said]
    one, other = (consensus_of(["BTC"], each, {}) for each in (opinions, opinions[::-1]))
    assert one == other
    [came] = one
    if len(said) > 1:
        assert max(1 / 3, 1 / len(said)) <= came.agreement <= 1

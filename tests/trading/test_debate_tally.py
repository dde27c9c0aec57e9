"""What debates come to: agreement, verdicts against the consensus, and verdicts against the shadow's."""

import pytest

from cockpit.domain.debates import Debate, DebateMessage, Stance, SymbolConsensus, SymbolStance
from cockpit.trading.debate_tally import DebateFigures, DebateTally, together

LONG, SHORT, FLAT = Stance.LONG, Stance.SHORT, Stance.FLAT


def said(role, *stances):
    """One of BTC, and where two are given one of ETH."""
    symbols = zip(("BTC", "ETH"), stances, strict=False)
    return DebateMessage(
        turn=1,
        role=role,
        model="x/y",
        stances=tuple(SymbolStance(symbol=symbol, stance=each, confidence=0.6) for symbol, each in symbols),
        failed="" if stances else "no answer",
    )


def held(agreement, consensus, judge=None, shadow=None, *, is_disagreed=False):
    """A debate on BTC and ETH whose analysts came to these sides; None of a side: nobody took any."""
    views = tuple(
        SymbolConsensus(symbol=symbol, stance=each, confidence=0.5, agreement=agreement, opinions=3, mark=1.0)
        for symbol, each in zip(("BTC", "ETH"), consensus, strict=True)
    )
    return Debate(
        symbols=("BTC", "ETH"),
        messages=(said("bull", LONG, LONG), *(() if judge is None else (said("judge", *judge),))),
        consensus=views,
        agreement=agreement,
        is_disagreed=is_disagreed,
        shadow=None if shadow is None else said("shadow", *shadow),
        prompt_version="v",
        horizon_ms=1,
    )


def figures(*debates):
    tally = DebateTally()
    for each in debates:
        tally.count(each)
    return tally.figures()


def test_debates_come_to_their_mean_agreement_and_to_what_judges_made_of_them():
    assert figures(
        held(1.0, (LONG, LONG), (LONG, FLAT), (LONG, LONG)),
        held(0.4, (SHORT, None), (LONG, FLAT), (LONG, FLAT), is_disagreed=True),
        held(0.7, (FLAT, LONG), (FLAT,)),
    ) == DebateFigures(
        debates=3,
        agreement=pytest.approx(0.7),
        disagreed_share=pytest.approx(1 / 3),
        verdicts=4,  # two, one, since nobody took a side of ETH, and one, since the judge took none
        consensus_share=pytest.approx(2 / 4),
        compared=4,
        shadow_differs_share=pytest.approx(1 / 4),
    )


def test_what_never_was_has_no_share():
    assert figures() is None
    silent = held(None, (None, None), ())
    assert figures(silent, silent) == DebateFigures(
        debates=2,
        agreement=None,
        disagreed_share=None,
        verdicts=0,
        consensus_share=None,
        compared=0,
        shadow_differs_share=None,
    )


def test_a_debate_in_which_nobody_could_agree_is_no_agreement_of_nothing():
    assert figures(held(0.6, (LONG, LONG)), held(None, (LONG, None))).agreement == 0.6


def test_the_debates_of_all_agents_are_counted_as_one_agent_s_would_be():
    debates = [
        held(0.9, (LONG, SHORT), (LONG, LONG), (SHORT, LONG)),
        held(0.3, (LONG, SHORT), (SHORT, SHORT), is_disagreed=True),
        held(1.0, (FLAT, FLAT), (FLAT, FLAT), (FLAT, FLAT)),
    ]
    apart = [DebateTally(), DebateTally()]
    for number, each in enumerate(debates):
        apart[number % 2].count(each)
    assert together(apart).figures() == figures(*debates)
    assert together([]).figures() is None

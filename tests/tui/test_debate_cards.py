import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.debates import JUDGE, SHADOW, AnalystRole, Stance
from cockpit.tui import look
from cockpit.tui.debate_cards import Cards, cards_of
from cockpit.tui.debate_history import DebateEntry, DebateStatus
from cockpit.tui.link import Said, Words
from cockpit.tui.panes.debate_drawing import sides_line, tool_words
from cockpit.tui.panes.debate_layout import LEAST_ROWS, shared
from cockpit.tui.panes.debate_verdict import head_line
from cockpit.tui.panes.mind import end_of
from cockpit.tui.spending import Spent
from cockpit.tui.talks import Talk, Talks
from tests.tui.debate_facts import ALONE, BTC, ETH, VERDICT, debate, full, said, stance

UNDER_WAY = DebateEntry(
    debate_id=7, ts_ms=0, agent="ann", status=DebateStatus.UNDER_WAY, symbols=(BTC,), is_asked=True
)


def held(about, **facts: object) -> Cards:
    entry = DebateEntry(
        debate_id=7,
        ts_ms=0,
        agent="ann",
        status=DebateStatus.HELD,
        symbols=about.symbols,
        debate=about,
        first_call_id=30,
        **facts,
    )
    return cards_of(entry, Talks(), ())


def under_way(*heard: Words | Said, roster=()) -> Cards:
    talks = Talks()
    for each in heard:
        if isinstance(each, Words):
            talks.hear(each)
        else:
            talks.conclude(each)
    return cards_of(UNDER_WAY, talks, roster)


def words(role: str, text: str = "so", *, talk: int = 1, agent: str = "ann#7") -> Words:
    return Words(agent=agent, role=role, talk=talk, start=0, text=text)


def has_said(role: str, side: str = "long", **facts: object) -> Said:
    return Said(agent="ann#7", message=said(role, side, **facts))


def test_each_role_has_a_card_with_the_call_that_brought_it():
    cards = held(full())
    assert [each.role for each in cards.all] == [*AnalystRole, JUDGE, SHADOW]
    assert [each.call_id for each in cards.all] == [30, 31, 32, 33, 34, 35, 36]
    assert cards.judge.word.argument == VERDICT.argument
    assert cards.shadow.word.argument == ALONE.argument


def test_after_a_rebuttal_the_latest_word_counts_and_what_was_turned_is_told():
    cards = held(debate(said("bull"), said("bear"), said("bull", "short", turn=2), said("bear", turn=2)))
    bull, bear = cards.analysts
    assert (bull.word.turn, bull.turned, bull.call_id) == (2, {BTC: Stance.LONG}, 32)
    assert (bear.word.turn, bear.turned) == (2, {})


def test_a_rebuttal_that_failed_leaves_the_word_before_and_says_so():
    mute = said("bull", turn=2, stances=(), failed="too late")
    (bull,) = held(debate(said("bull"), mute)).analysts
    assert (bull.word.turn, bull.fault, bull.turned) == (1, "too late", {})


def test_who_never_said_anything_has_its_reason_for_a_word():
    (bull,) = held(debate(said("bull", stances=(), failed="no key"))).analysts
    assert (bull.word.failed, bull.fault) == ("no key", "")


def test_while_a_role_speaks_its_words_are_in_its_card_and_then_its_stance():
    cards = under_way(words("bear"))
    (bear,) = cards.analysts
    assert (bear.talk.text, bear.word) == ("so", None)
    cards = under_way(words("bear"), has_said("bear"))
    (bear,) = cards.analysts
    assert (bear.talk, bear.word.stances[0].stance) == (None, Stance.LONG)
    cards = under_way(words("bear"), has_said("bear"), words("bear", "again", talk=2))
    (bear,) = cards.analysts
    assert (bear.talk.text, bear.word.turn) == ("again", 1)


def test_who_is_known_to_take_part_waits_and_roles_stand_in_their_order():
    cards = under_way(words("technical"), has_said("bull"), roster=("bear", "bull"))
    assert [each.role for each in cards.analysts] == ["bear", "bull", "technical"]
    assert (cards.analysts[0].word, cards.analysts[0].talk) == (None, None)
    assert [each.role for each in under_way(words("technical"), words("bull")).analysts] == [
        "bull",
        "technical",
    ]


def test_other_debates_and_those_who_mend_answers_have_no_part_in_it():
    cards = under_way(words("bull", agent="ann"), words("bull", agent="ann#8"), words("repair"))
    assert (cards.analysts, cards.shadow) == ((), None)


def test_the_split_so_far_is_counted_as_the_bot_counts_it():
    cards = under_way(has_said("bull"), has_said("bear", "short"), has_said("technical"))
    split = cards.together((BTC,))
    assert split.agreement == pytest.approx(2 / 3)
    assert split.counts == {Stance.LONG: 2, Stance.SHORT: 1, Stance.FLAT: 0}
    assert under_way(has_said("bull")).together((BTC,)).agreement is None, "there is nobody to agree with"


def test_the_agreement_of_what_is_held_is_the_one_the_bot_told():
    about = full()
    assert held(about).together((BTC,)).agreement == about.agreement


def test_on_several_symbols_each_has_a_split_of_its_own():
    both = (stance(BTC, "long"), stance(ETH, "short"))
    cards = held(debate(said("bull", stances=both), said("bear", stances=both[:1]), symbols=(BTC, ETH)))
    splits = {each.symbol: each for each in cards.splits((BTC, ETH))}
    assert splits[BTC].counts[Stance.LONG] == 2
    assert (splits[ETH].counts[Stance.SHORT], splits[ETH].agreement) == (1, None)


SIDES = {f"C{number}/USD": side for number, side in enumerate(("long", "short", "flat", "flat", "long"))}


@pytest.mark.parametrize(
    ("sides", "width", "words"),
    [
        ({BTC: "long"}, 20, "▲ BTC"),
        ({BTC: "flat"}, 20, "◇ BTC"),
        ({BTC: "flat", ETH: "flat"}, 20, "◇2"),
        (SIDES, 20, "▲C0 ▼C1 ▲C4 ◇2"),
        (SIDES, 12, "▲C0 +2 ◇2"),
        ({BTC: "sideways"}, 20, "? BTC"),
        ({}, 20, ""),
    ],
)
def test_stances_in_a_few_cells(sides, width, words):
    assert sides_line(sides, width).plain == words


def test_tools_are_named_once_and_counted():
    assert tool_words(["bars", "quote", "bars"]) == "bars 2×, quote"
    assert tool_words([f"t{number}" for number in range(20)]).endswith(", 8 more")


@settings(max_examples=60)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=5), st.integers(1, 120))
def test_room_is_shared_so_that_nobody_gets_more_than_it_wants(wanted, room):
    heights = shared(wanted, room)
    assert all(min(LEAST_ROWS, want) <= got <= want for got, want in zip(heights, wanted, strict=True))
    if sum(wanted) <= room:
        assert heights == wanted
    elif room >= LEAST_ROWS * len(wanted):
        assert room - len(wanted) < sum(heights) <= room


def test_a_head_leaves_out_first_when_and_then_who_asked_before_anything_is_cut():
    entry = DebateEntry(
        debate_id=1,
        ts_ms=0,
        agent="robot",
        status=DebateStatus.HELD,
        symbols=(BTC,),
        is_asked=True,
        by="the dashboard",
        spent=Spent(calls=1, cost=4_000),
        took_ms=7_400,
    )
    heads = [head_line(entry, look.STRANGER_LOOK, width).plain for width in (100, 90, 70)]
    assert ["01-01 00:00" in head for head in heads] == [True, False, False]
    assert ["by the dashboard" in head for head in heads] == [True, True, False]
    for head in heads:
        assert re.search(r"#1 ✓ held .*robot on BTC · asked.*, to hear it +\$0\.0040 · 1 call · 7\.4s$", head)


def test_the_end_of_a_speech_fits_and_says_that_there_was_more():
    talk = Talk(agent="robot", role="bull", number=1, text="one two three four five six seven eight nine ten")
    lines = end_of(talk, 14, 2)
    assert lines == ["… seven eight", "nine ten"]
    assert end_of(replace(talk, text="nine ten"), 14, 2) == ["nine ten"]

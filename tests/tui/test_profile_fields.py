"""What a form sends of what stands in it, and what it finds wrong with that."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.market import Micros
from cockpit.domain.profiles import (
    AiProfile,
    AiRole,
    ProfileBook,
    ProfileKind,
    Tier,
    TraderKind,
    TraderProfile,
)
from cockpit.domain.routing import RoutingMode
from cockpit.settings.profile_tree import AiProfileFields, TraderProfileFields
from cockpit.tui.profile_fields import FIELDS, Shape, faults_in, payload_from, payload_of

NAMES = st.from_regex(r"\A[a-z0-9][a-z0-9_-]{0,31}\Z")
BUDGETS = st.none() | st.integers(0, 10**12).map(Micros)
AI_PROFILES = st.builds(
    AiProfile,
    name=NAMES,
    model=st.from_regex(r"\A[a-z]{1,9}/[a-z0-9.-]{1,9}\Z"),
    role=st.sampled_from([each for each in AiRole if each is not AiRole.DECIDE]),
    tier=st.sampled_from(Tier),
    budget_total=BUDGETS,
    budget_daily=BUDGETS,
) | st.builds(AiProfile, name=NAMES, model=st.just("a/b"), mode=st.sampled_from(RoutingMode))
TRADERS = st.builds(
    TraderProfile,
    name=NAMES.filter(lambda name: name != "arena"),
    kind=st.just(TraderKind.STRATEGY),
    strategy=st.sampled_from(["ema_cross", "cash"]),
    timeframe=st.sampled_from([None, "15m", "1h"]),
    competes=st.booleans(),
    note=st.text("ab c[/]", max_size=20).map(str.strip),
) | st.builds(
    TraderProfile,
    name=NAMES.filter(lambda name: name != "arena"),
    kind=st.sampled_from([TraderKind.LLM, TraderKind.DEBATE]),
    minds=st.lists(NAMES, min_size=1, max_size=8, unique=True).map(tuple),
)
OPUS = AiProfile(name="opus", model="anthropic/claude-opus-4")
BOOK = ProfileBook(ai={"opus": OPUS})
NEW = {
    ProfileKind.AI: {"name": "one", "model": "a/b", "role": "decide", "tier": "powerful", "mode": None}
    | {"budget_per_day": None, "budget_total": None},
    ProfileKind.TRADER: {"name": "one", "kind": "strategy", "strategy": "cash", "timeframe": None}
    | {"minds": (), "competes": True, "note": ""},
}


def opened_and_sent(profile: AiProfile | TraderProfile) -> dict[str, object]:
    """What a form sends in which nothing is touched."""
    fields = FIELDS[ProfileKind.AI if isinstance(profile, AiProfile) else ProfileKind.TRADER]
    there = payload_from(profile)
    words = {Shape.TEXT, Shape.DOLLARS}
    return payload_of(
        fields,
        {
            each.name: each.shown(there[each.name]) if each.shape in words else there[each.name]
            for each in fields
        },
    )


@settings(max_examples=60, deadline=None)
@given(AI_PROFILES)
def test_a_form_in_which_nothing_is_touched_sends_the_very_same_ai_profile(profile):
    assert AiProfileFields.model_validate(opened_and_sent(profile)).profile() == profile


@settings(max_examples=60, deadline=None)
@given(TRADERS)
def test_a_form_in_which_nothing_is_touched_sends_the_very_same_trader(profile):
    assert TraderProfileFields.model_validate(opened_and_sent(profile)).profile() == profile


@pytest.mark.parametrize("kind", ProfileKind)
def test_a_form_asks_for_every_field_there_is_and_for_words_last(kind):
    model = AiProfileFields if kind is ProfileKind.AI else TraderProfileFields
    assert {each.name for each in FIELDS[kind]} == set(model.model_fields)
    assert FIELDS[kind][-1].shape in {Shape.TEXT, Shape.DOLLARS}, "enter there saves"


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("", None),
        ("  ", None),
        ("2.5", 2.5),
        ("$2.5", 2.5),
        (" 0 ", 0.0),
        ("a few", "a few"),
        ("1,000", "1,000"),
    ],
)
def test_dollars_are_numbers_or_nothing_and_what_is_neither_is_found_at_fault(typed, sent):
    budget = next(each for each in FIELDS[ProfileKind.AI] if each.name == "budget_total")
    assert budget.sent(typed) == sent
    faults = faults_in(ProfileKind.AI, NEW[ProfileKind.AI] | {"budget_total": budget.sent(typed)}, BOOK)
    assert set(faults) == ({"budget_total"} if isinstance(sent, str) else set())


@pytest.mark.parametrize(
    ("kind", "typed", "at_fault"),
    [
        (ProfileKind.AI, {}, set()),
        (ProfileKind.AI, {"name": "", "model": "gpt"}, {"name", "model"}),
        (ProfileKind.AI, {"budget_total": float("nan")}, {"budget_total"}),
        (ProfileKind.TRADER, {}, set()),
        (ProfileKind.TRADER, {"name": "arena"}, {"name"}),
        (ProfileKind.TRADER, {"timeframe": "soon"}, {"timeframe"}),
        (ProfileKind.TRADER, {"note": "x" * 201}, {"note"}),
        (ProfileKind.TRADER, {"kind": "llm", "strategy": None}, {"minds"}),
        (ProfileKind.TRADER, {"kind": "llm", "strategy": None, "minds": ("opus",)}, set()),
        (ProfileKind.TRADER, {"kind": "llm", "strategy": None, "minds": ("gone",)}, {"minds"}),
    ],
)
def test_what_is_wrong_is_told_by_field(kind, typed, at_fault):
    assert set(faults_in(kind, NEW[kind] | typed, BOOK)) == at_fault

"""The fields of profiles: back and forth without loss, and a line for each that is not as it may be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from cockpit.domain.market import Micros
from cockpit.domain.profiles import AiProfile, AiRole, Tier, TraderKind, TraderProfile
from cockpit.domain.routing import RoutingMode
from cockpit.settings.profile_tree import AiProfileFields, TraderProfileFields, faults_of
from cockpit.strategies.catalog import STRATEGIES

NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,31}", fullmatch=True).filter(lambda name: name != "arena")
MICROS = st.none() | st.integers(0, 1_000_000_000_000).map(Micros)
AI = {"name": "pro", "model": "deepseek/deepseek-chat"}
LLM = {"name": "duo", "kind": "llm", "minds": ("pro",)}
EMA = {"name": "ema", "kind": "strategy", "strategy": "ema_cross"}


def fault(fields, given_fields):
    with pytest.raises(ValidationError) as raised:
        fields(**given_fields)
    return faults_of(raised.value)


@settings(max_examples=60)
@given(
    st.builds(
        AiProfile,
        name=NAMES,
        model=st.from_regex(r"[A-Za-z0-9_.:@+-]{1,20}(/[A-Za-z0-9_.:@+-]{1,20}){1,2}", fullmatch=True),
        role=st.just(AiRole.DECIDE),
        tier=st.just(Tier.POWERFUL),
        mode=st.none() | st.sampled_from(RoutingMode),
        budget_total=MICROS,
        budget_daily=MICROS,
    )
)
def test_a_profile_of_a_model_survives_its_fields_to_the_micro_dollar(profile):
    assert AiProfileFields.of(profile).profile() == profile
    assert AiProfileFields(**AiProfileFields.of(profile).model_dump(mode="json")).profile() == profile


@settings(max_examples=60)
@given(
    name=NAMES,
    kind=st.sampled_from([TraderKind.LLM, TraderKind.DEBATE]),
    minds=st.lists(NAMES, min_size=1, max_size=8, unique=True).map(tuple),
    competes=st.booleans(),
    note=st.text(st.characters(codec="utf-8"), max_size=200),
)
def test_a_trader_survives_its_fields_and_its_note_is_inert(name, kind, minds, competes, note):
    given_fields = {"name": name, "kind": kind, "minds": minds, "competes": competes, "note": note}
    profile = TraderProfileFields(**given_fields).profile()
    assert profile.note.isprintable() or "\u3000" in profile.note
    assert (profile.minds, profile.competes) == (minds, competes)
    assert TraderProfileFields.of(profile).profile() == profile


def test_what_is_left_out_has_the_ordinary_value():
    assert AiProfileFields(**AI).profile() == AiProfile(name="pro", model="deepseek/deepseek-chat")
    assert AiProfile(**AI) == AiProfile(
        name="pro", model="deepseek/deepseek-chat", role=AiRole.DECIDE, tier=Tier.POWERFUL, mode=None
    )
    assert TraderProfileFields(**EMA).profile() == TraderProfile(
        name="ema", kind=TraderKind.STRATEGY, strategy="ema_cross", competes=True
    )


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": "Pro"}, "name", "use lower-case letters, digits, - and _"),
        ({"name": "a" * 33}, "name", "32 of them at most"),
        ({"name": ""}, "name", "use lower-case letters"),
        ({"model": "gpt"}, "model", "give litellm's name with its provider, such as deepseek/deepseek-chat"),
        ({"model": "x/y z"}, "model", "give litellm's name"),
        ({"role": "oracle"}, "role", "'decide', 'bull', 'bear'"),
        ({"tier": "dear"}, "tier", "'cheap' or 'powerful'"),
        ({"mode": "always"}, "mode", "'cheap_first' or 'escalation_only'"),
        ({"tier": "cheap", "mode": "cheap_first"}, "mode", "give tier powerful, or no mode"),
        ({"role": "judge", "mode": "cheap_first"}, "mode", "give role decide, or no mode"),
        ({"budget_total": -1}, "budget_total", "give US dollars, 0 to 1,000,000"),
        ({"budget_total": "5"}, "budget_total", "give US dollars"),
        ({"budget_per_day": float("nan")}, "budget_per_day", "give US dollars"),
        ({"key": "sk-1"}, "key", "a profile has no such field"),
    ],
)
def test_each_field_of_a_model_s_profile_says_what_is_wrong_with_it(wrong, field, words):
    found = fault(AiProfileFields, AI | wrong)
    assert list(found) == [field]
    assert words in found[field]


@pytest.mark.parametrize(
    ("given_fields", "field", "words"),
    [
        (LLM | {"name": "arena"}, "name", "no trader can be called arena"),
        (LLM | {"kind": "blend"}, "kind", "'strategy', 'llm' or 'debate'"),
        (LLM | {"minds": ()}, "minds", "a trader of kind llm needs an AI profile that decides"),
        (LLM | {"minds": ("pro", "pro")}, "minds", "name each once"),
        (LLM | {"minds": ("Pro",)}, "minds", "give names of AI profiles, 8 at most"),
        (LLM | {"minds": tuple("abcdefghi")}, "minds", "8 at most"),
        (LLM | {"strategy": "ema_cross"}, "strategy", "asks models and has no strategy"),
        (LLM | {"timeframe": "15m"}, "timeframe", "a timeframe is a strategy's"),
        (LLM | {"competes": "yes"}, "competes", "boolean"),
        (LLM | {"note": "x" * 201}, "note", "one line of 200 characters"),
        (EMA | {"strategy": None}, "strategy", "give one: liquidity_sweep, ema_cross"),
        (EMA | {"strategy": "moon"}, "strategy", "there is no strategy moon: liquidity_sweep"),
        (EMA | {"timeframe": "soon"}, "timeframe", "'soon' is no timeframe"),
        (EMA | {"minds": ("pro",)}, "minds", "asks no models"),
        ({"name": "ema"}, "kind", "it has to be given"),
    ],
)
def test_each_field_of_a_trader_says_what_is_wrong_with_it(given_fields, field, words):
    found = fault(TraderProfileFields, given_fields)
    assert list(found) == [field]
    assert words in found[field]


def test_all_faults_are_told_at_once_one_for_each_field():
    assert list(fault(AiProfileFields, {"name": "P", "model": "x", "tier": "dear"})) == [
        "name",
        "model",
        "tier",
    ]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_there_is_can_be_a_trader_s(strategy):
    assert TraderProfileFields(**EMA | {"strategy": strategy}).profile().strategy == strategy

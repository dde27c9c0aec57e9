"""Profiles: what is left of all that was ever changed about them."""

import pytest

from cockpit.domain.debates import JUDGE, AnalystRole
from cockpit.domain.profile_events import (
    AiProfileRemoved,
    AiProfileSaved,
    TraderProfileRemoved,
    TraderProfileSaved,
    book_of,
)
from cockpit.domain.profiles import AiProfile, AiRole, ProfileBook, TraderKind, TraderProfile

SAID = {"by": "alice", "wall_ms": 5}


def ai(name, model="x/y"):
    return AiProfileSaved(profile=AiProfile(name=name, model=model), **SAID)


def trader(name, *minds):
    return TraderProfileSaved(profile=TraderProfile(name=name, kind=TraderKind.LLM, minds=minds), **SAID)


def test_nothing_changed_is_an_empty_book():
    assert book_of([]) == ProfileBook()


def test_the_last_word_counts_and_names_are_in_order():
    book = book_of([ai("pro"), trader("duo", "pro"), ai("bear"), ai("pro", "x/z"), trader("ace", "bear")])
    assert [(name, each.model) for name, each in book.ai.items()] == [("bear", "x/y"), ("pro", "x/z")]
    assert [(name, each.minds) for name, each in book.traders.items()] == [
        ("ace", ("bear",)),
        ("duo", ("pro",)),
    ]


def test_what_is_removed_is_gone_from_its_own_kind_alone_and_may_come_back():
    removed = [ai("pro"), trader("pro", "pro"), TraderProfileRemoved(name="pro", **SAID)]
    assert book_of(removed).ai.keys() == {"pro"}
    assert book_of(removed).traders == {}
    assert book_of([*removed, AiProfileRemoved(name="pro", **SAID)]) == ProfileBook()
    assert book_of([*removed, trader("pro", "pro")]).traders.keys() == {"pro"}


def test_a_book_knows_who_asks_a_model_by_a_profile():
    book = book_of([ai("pro"), ai("bear"), trader("duo", "pro", "bear"), trader("ace", "pro")])
    assert [each.name for each in book.users_of("pro")] == ["ace", "duo"]
    assert [each.name for each in book.users_of("bear")] == ["duo"]
    assert book.users_of("nobody") == ()


@pytest.mark.parametrize(
    ("model", "provider"),
    [("deepseek/deepseek-chat", "deepseek"), ("openrouter/qwen/qwen3-max", "openrouter")],
)
def test_the_provider_is_what_stands_before_the_first_slash(model, provider):
    assert AiProfile(name="pro", model=model).provider == provider


def test_there_is_a_role_for_every_analyst_the_judge_and_who_decides():
    assert {*AiRole} == {"decide", *AnalystRole, JUDGE}

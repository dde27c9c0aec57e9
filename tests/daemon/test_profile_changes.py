"""What can be changed about profiles, and what stands against it."""

from dataclasses import replace

import pytest

from cockpit.daemon.profile_changes import (
    ProfileRefused,
    ProfileUnknown,
    RemoveProfile,
    SaveProfile,
    change_event,
    done_words,
)
from cockpit.domain.errors import REFUSED, USAGE
from cockpit.domain.profile_events import (
    AiProfileRemoved,
    AiProfileSaved,
    TraderProfileRemoved,
    TraderProfileSaved,
)
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
from cockpit.settings.profile_agents import ProfileInvalid

PRO = AiProfile(name="pro", model="x/pro", mode=RoutingMode.CHEAP_FIRST)
SMALL = AiProfile(name="small", model="x/small", tier=Tier.CHEAP)
FREE = AiProfile(name="free", model="x/free")
DUO = TraderProfile(name="duo", kind=TraderKind.LLM, minds=("pro", "small"))
LOST = TraderProfile(name="lost", kind=TraderKind.LLM, minds=("gone",))
BOOK = ProfileBook(ai={"free": FREE, "pro": PRO, "small": SMALL}, traders={"duo": DUO, "lost": LOST})
SAID = {"by": "alice", "wall_ms": 7}


def saved(profile, *, is_new=False):
    return change_event(SaveProfile(profile=profile, is_new=is_new), BOOK, **SAID)


def removed(kind, name):
    return change_event(RemoveProfile(kind=ProfileKind(kind), name=name), BOOK, **SAID)


def test_what_is_new_what_is_changed_and_what_is_removed_is_an_event():
    new = AiProfile(name="new", model="x/new")
    solo = TraderProfile(name="solo", kind=TraderKind.LLM, minds=("free",))
    assert saved(new, is_new=True) == AiProfileSaved(profile=new, **SAID)
    assert saved(solo, is_new=True) == TraderProfileSaved(profile=solo, **SAID)
    resting = TraderProfile(name="duo", kind=TraderKind.LLM, minds=("pro", "small"), competes=False)
    assert saved(resting) == TraderProfileSaved(profile=resting, **SAID)
    assert removed("trader", "duo") == TraderProfileRemoved(name="duo", **SAID)
    assert removed("ai", "free") == AiProfileRemoved(name="free", **SAID)


@pytest.mark.parametrize("profile", [PRO, DUO])
def test_what_is_so_already_is_no_event(profile):
    assert saved(profile) is None


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: saved(PRO, is_new=True), "the AI profile pro is there already"),
        (lambda: saved(DUO, is_new=True), "the trader profile duo is there already"),
        (lambda: removed("ai", "pro"), "the AI profile pro is still used by duo"),
        (
            lambda: saved(AiProfile(name="small", model="x/pro", tier=Tier.CHEAP)),
            "the trader duo could not go on with it: x/pro is asked by two AI profiles",
        ),
        (
            lambda: saved(AiProfile(name="small", model="x/small", role=AiRole.BEAR)),
            "the trader duo could not go on with it: small has role bear",
        ),
    ],
)
def test_what_others_stand_against_is_refused(attempt, words):
    with pytest.raises(ProfileRefused, match=words) as raised:
        attempt()
    assert raised.value.exit_code == REFUSED


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: saved(AiProfile(name="nobody", model="x/y")),
        lambda: saved(TraderProfile(name="nobody", kind=TraderKind.LLM, minds=("free",))),
        lambda: removed("ai", "duo"),
        lambda: removed("trader", "pro"),
    ],
)
def test_what_is_not_there_can_not_be_changed(attempt):
    with pytest.raises(ProfileUnknown, match=r"there is no (AI|trader) profile") as raised:
        attempt()
    assert raised.value.exit_code == USAGE


def test_a_trader_needs_ai_profiles_that_make_it():
    with pytest.raises(ProfileInvalid, match="there is no AI profile ghost"):
        saved(TraderProfile(name="new", kind=TraderKind.LLM, minds=("ghost",)), is_new=True)


def test_a_trader_that_could_not_compete_anyway_stands_against_nothing():
    book = ProfileBook(ai=BOOK.ai, traders={"lost": replace(LOST, minds=("free", "x"))})
    change = SaveProfile(profile=AiProfile(name="free", model="x/free", role=AiRole.JUDGE), is_new=False)
    assert change_event(change, book, **SAID) is not None


def test_what_was_done_is_said_in_a_line():
    assert done_words(SaveProfile(profile=PRO, is_new=True)) == "the AI profile pro is added"
    assert (
        done_words(SaveProfile(profile=DUO, is_new=False))
        == "the trader profile duo is saved; it competes in the next new run"
    )
    assert done_words(RemoveProfile(kind=ProfileKind.AI, name="pro")) == "the AI profile pro is removed"

"""The latest events: without gaps, and no more of them than fit."""

from hypothesis import given
from hypothesis import strategies as st

from cockpit.daemon.recent_events import BUNDLE, BUNDLE_CHARS, MOST_RECENT, MOST_RECENT_CHARS, RecentEvents
from cockpit.domain.decisions import ModelCall
from cockpit.domain.events import ModelCalled, PauseSet, Recorded


def event(seq: int, chars: int = 0) -> Recorded:
    """A question to a model of so many characters in all, or, of none, something short."""
    if not chars:
        return Recorded(seq, seq, "run-1", PauseSet(on=True, by="a test"))
    call = ModelCall(role="bull", model="x/y", key="k", request="q" * (chars - 2), reply="a", raw="r")
    return Recorded(seq, seq, "run-1", ModelCalled(call_id=seq, agent="panel", round=1, call=call))


@given(st.lists(st.sampled_from([0, 0, 2, 400_000, 900_000, 1_500_000]), min_size=1, max_size=40))
def test_from_any_place_the_rest_comes_in_bundles_without_gap_or_repetition(sizes: list[int]) -> None:
    recent = RecentEvents()
    for seq, chars in enumerate(sizes, 1):
        recent.take([event(seq, chars)])
    held = len(recent)
    assert recent.chars == sum(sizes[len(sizes) - held :]) <= MOST_RECENT_CHARS
    for place in range(len(sizes)):
        seqs: list[int] = []
        while place + len(seqs) < len(sizes) and (bundle := recent.after(place + len(seqs))):
            chars = sum(sizes[each.seq - 1] for each in bundle)
            assert len(bundle) == 1 or chars <= BUNDLE_CHARS
            seqs += [each.seq for each in bundle]
        is_held = place >= len(sizes) - held
        assert seqs == (list(range(place + 1, len(sizes) + 1)) if is_held else [])


def test_short_events_are_held_by_number_and_long_calls_by_their_length() -> None:
    recent = RecentEvents()
    recent.take([event(seq) for seq in range(1, 2 * MOST_RECENT)])
    assert len(recent) == MOST_RECENT
    assert len(recent.after(MOST_RECENT)) == BUNDLE
    recent.take([event(2 * MOST_RECENT, MOST_RECENT_CHARS - 5)])
    assert len(recent) == MOST_RECENT
    recent.take([event(2 * MOST_RECENT + 1, 10)])
    assert [each.seq for each in recent.after(2 * MOST_RECENT)] == [2 * MOST_RECENT + 1]
    assert len(recent) == 1


def test_an_event_that_fits_nowhere_is_not_held() -> None:
    recent = RecentEvents()
    recent.take([event(1), event(2, MOST_RECENT_CHARS + 1)])
    assert (len(recent), recent.chars, recent.after(1)) == (0, 0, ())

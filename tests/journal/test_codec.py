"""What is encoded comes back as it was, or is refused."""

from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.decisions import FailureKind, Target
from cockpit.domain.events import (
    KIND_OF,
    DecisionFailed,
    DecisionMade,
    EntriesLocked,
    Event,
    MarketAdvanced,
    RunFinished,
    RunStarted,
)
from cockpit.journal.codec import decode_event, decode_state, encode_event, encode_state, state_shape
from cockpit.journal.errors import EventUnwritable, JournalCorrupt
from cockpit.trading.state import ArenaState
from tests.journal.event_stream import EventStream


def made(**changes: object) -> DecisionMade:
    target = Target(symbol="BTC", exposure=0.5, stop=1.0, take_profit=2.0, confidence=0.7, reason="so")
    decision = DecisionMade(decision_id=1, agent="a", round=1, confidence=0.7, targets=(target,))
    in_target = {name: value for name, value in changes.items() if name in {"exposure", "stop"}}
    of_decision = {name: value for name, value in changes.items() if name not in in_target}
    return replace(decision, targets=(replace(target, **in_target),), **of_decision)


def test_every_kind_of_event_in_an_arena_comes_back_equal(stream: EventStream) -> None:
    seen = set()
    for _, batch in stream.batches(300, finish=True):
        for event in batch:
            assert decode_event(KIND_OF[type(event)], encode_event(event)) == event
            seen.add(type(event))
    assert seen == set(KIND_OF)


finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=60)
@given(
    st.builds(
        DecisionMade,
        confidence=st.none() | finite,
        targets=st.lists(
            st.builds(Target, exposure=finite, stop=st.none() | finite, take_profit=st.none() | finite)
        ).map(tuple),
    )
)
def test_any_decision_comes_back_equal(event: DecisionMade) -> None:
    assert decode_event("decision_made", encode_event(event)) == event


def test_floats_come_back_to_the_last_bit() -> None:
    marks = (0.1 + 0.2, 5e-324, 1.7976931348623157e308, -0.0, 3.0)
    event = MarketAdvanced(marks=marks, fresh=(True,) * 5)
    back = decode_event("market_advanced", encode_event(event))
    assert isinstance(back, MarketAdvanced)
    assert [mark.hex() for mark in back.marks if mark is not None] == [mark.hex() for mark in marks]


@pytest.mark.parametrize(
    "event",
    [
        made(exposure=nan),
        made(stop=nan),
        made(stop=-inf),
        made(confidence=inf),
        MarketAdvanced(marks=(1.0, nan), fresh=(True, True)),
    ],
)
def test_a_number_that_is_not_finite_is_refused_and_never_becomes_none(event: Event) -> None:
    with pytest.raises(EventUnwritable, match="not finite"):
        encode_event(event)


def test_a_limit_that_is_not_finite_is_refused_inside_a_mapping(stream: EventStream) -> None:
    (_, (started, *_)), *_ = stream.batches(0)
    assert isinstance(started, RunStarted)
    with pytest.raises(EventUnwritable, match="run_started"):
        encode_event(replace(started, agent_limits={"drawdown": nan}))


def test_text_that_is_not_unicode_is_refused() -> None:
    event = DecisionFailed(agent="a", round=1, failure=FailureKind.INVALID, message="half a pair: \ud800")
    with pytest.raises(EventUnwritable, match="decision_failed"):
        encode_event(event)


def test_a_lock_from_before_it_named_a_side_is_read_as_one_of_both() -> None:
    lock = EntriesLocked(agent="a", symbol=None, protection="StoplossGuard", reason="r", until_ms=1)
    payload = encode_event(lock)
    assert b'"is_long":null' in payload
    assert decode_event("entries_locked", payload.replace(b',"is_long":null', b"")) == lock


def test_a_start_list_from_before_it_marked_controls_is_read_as_one_without(stream: EventStream) -> None:
    started = next(
        event for _, batch in stream.batches(3) for event in batch if isinstance(event, RunStarted)
    )
    payload = encode_event(started)
    assert b',"is_control":false' in payload
    assert decode_event("run_started", payload.replace(b',"is_control":false', b"")) == started


def test_an_unknown_kind_is_told_with_its_place() -> None:
    with pytest.raises(JournalCorrupt, match=r"event 17 is of unknown kind 'eclipse'"):
        decode_event("eclipse", b"{}", 17)


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"{}", b'{"reason": 5}', b'{"reason": null}', b'{"reason": "\xff"}', b"[]"]
)
def test_an_invalid_payload_is_told_with_its_place_and_kind(payload: bytes) -> None:
    with pytest.raises(JournalCorrupt, match=r"event 3 is no valid run_finished"):
        decode_event("run_finished", payload, 3)


def test_a_valid_payload_is_taken_as_text_and_as_bytes() -> None:
    assert decode_event("run_finished", '{"reason": "done"}') == RunFinished(reason="done")
    assert decode_event("run_finished", b'{"reason": "done"}') == RunFinished(reason="done")


def test_the_state_comes_back_equal_and_to_the_same_bytes(stream: EventStream) -> None:
    for _ in stream.batches(60):
        pass
    data = encode_state(stream.state)
    assert decode_state(data) == stream.state
    assert encode_state(decode_state(data)) == data


def test_an_empty_state_comes_back_equal() -> None:
    assert decode_state(encode_state(ArenaState())) == ArenaState()


def test_the_state_reads_a_field_a_line(stream: EventStream) -> None:
    for _ in stream.batches(3):
        pass
    lines = encode_state(stream.state).decode().splitlines()
    assert ' "rounds_closed": 3,' in lines
    assert any(line.strip().startswith('"account": {"agent":"agent_00","cash":') for line in lines)


def test_what_is_no_state_is_refused() -> None:
    with pytest.raises(JournalCorrupt, match="no valid state"):
        decode_state(b'{"seq": "many"}')


def test_the_shape_of_the_state_has_one_name() -> None:
    assert state_shape() == state_shape()
    assert len(state_shape()) == 16

"""What models say while they say it, kept once for all who look on."""

import json

from hypothesis import given
from hypothesis import strategies as st

from cockpit.daemon.word_feed import MOST_CHARS, MOST_TALKS, WordFeed
from cockpit.domain.debates import (
    MAX_ARGUMENT,
    MAX_SIGNAL,
    MAX_SIGNALS,
    DebateMessage,
    Stance,
    SymbolStance,
)


def told(frames: bytes) -> list[dict[str, object]]:
    """The data of each event."""
    events = frames.decode().split("\n\n")[:-1]
    assert all(event.startswith("event: words\ndata: ") and event.count("\n") == 1 for event in events)
    return [json.loads(event.partition("data: ")[2]) for event in events]


@given(st.lists(st.tuples(st.booleans(), st.text(max_size=30)), max_size=40))
def test_who_asks_now_and_then_is_told_everything_once_and_in_order(pieces: list[tuple[bool, str]]) -> None:
    feed, known, heard = WordFeed(), {}, ""
    for asks, piece in pieces:
        feed.say("robot", "decide", piece)
        if asks:
            frames, known = feed.frames(known)
            for each in told(frames):
                assert each["start"] == len(heard)
                heard += str(each["text"])
    frames, known = feed.frames(known)
    assert heard + "".join(str(each["text"]) for each in told(frames)) == "".join(p for _, p in pieces)
    assert feed.frames(known)[0] == b"", "what was told is not told again"


def test_who_reads_too_slowly_is_told_the_end_and_that_something_is_missing() -> None:
    feed = WordFeed()
    feed.say("robot", "decide", "begin ")
    _, known = feed.frames({})
    for number in range(10_000):
        feed.say("robot", "decide", f"{number:04} ")
    frames, known = feed.frames(known)
    (event,) = told(frames)
    assert event["start"] == 6 + 50_000 - MOST_CHARS
    assert str(event["text"]).endswith("9998 9999 ")
    assert len(str(event["text"])) == MOST_CHARS
    feed.say("robot", "decide", "A" * 5_000_000)
    assert len(feed.frames(known)[0]) < MOST_CHARS + 200


def test_each_role_of_each_agent_speaks_for_itself_until_its_agent_has_decided() -> None:
    feed = WordFeed()
    for agent, role in (("robot", "bull"), ("robot", "bear"), ("other", "decide")):
        feed.say(agent, role, f"{agent} as {role}")
    frames, known = feed.frames({})
    assert [(each["talk"], each["text"]) for each in told(frames)] == [
        (1, "robot as bull"),
        (2, "robot as bear"),
        (3, "other as decide"),
    ]
    feed.fall_silent("robot")
    feed.say("robot", "bull", "again")
    feed.say("other", "decide", "!")
    frames, _ = feed.frames(known)
    assert [(each["talk"], each["start"], each["text"]) for each in told(frames)] == [
        (3, 15, "!"),
        (4, 0, "again"),
    ]


def test_line_breaks_escapes_and_halves_of_characters_stay_inside_one_line_of_json() -> None:
    said = "a\n\nid: 9\r\nevent: order_filled\x1b]52;c;eA==\x07\u202e\u200b\ud83d"
    feed = WordFeed()
    feed.say("evil\n\nid: 1", "\r\nrole", said)
    (event,) = told(feed.frames({})[0])
    assert event["text"] == said.replace("\ud83d", "?")
    assert event["agent"] == "evil\n\nid: 1"


def test_there_is_an_end_to_how_many_are_remembered() -> None:
    feed = WordFeed()
    for number in range(MOST_TALKS + 5):
        feed.say(f"agent {number}", "decide", "x")
    agents = [each["agent"] for each in told(feed.frames({})[0])]
    assert agents == [f"agent {number}" for number in range(5, MOST_TALKS + 5)]


def spoken(role: str, turn: int = 1, **facts: object) -> DebateMessage:
    return DebateMessage(turn=turn, role=role, model="x/y", **facts)  # type: ignore[arg-type]


def all_told(frames: bytes) -> list[tuple[str, str, object]]:
    """Kind, role, and text or turn of each event."""
    events = []
    for frame in frames.decode().split("\n\n")[:-1]:
        kind, _, data = frame.removeprefix("event: ").partition("\ndata: ")
        one = json.loads(data)
        if kind == "words":
            events.append((kind, one["role"], one["text"]))
        else:
            events.append((kind, one["message"]["role"], one["message"]["turn"]))
    return events


def test_what_a_role_s_words_came_to_is_told_once_after_them_and_what_follows_is_another_speech() -> None:
    feed = WordFeed()
    feed.say("panel#3", "bull", "It may ")
    feed.say("panel#3", "bear", "It will fall")
    frames, known = feed.frames({})
    feed.say("panel#3", "bull", "rise")
    feed.conclude("panel#3", spoken("bull"))
    feed.say("panel#3", "bull", "But")
    frames, known = feed.frames(known)
    assert all_told(frames) == [("words", "bull", "rise"), ("said", "bull", 1), ("words", "bull", "But")]
    feed.conclude("panel#3", spoken("bear"))
    feed.conclude("panel#3", spoken("bull", turn=2))
    frames, known = feed.frames(known)
    assert all_told(frames) == [("said", "bear", 1), ("said", "bull", 2)]
    assert feed.frames(known)[0] == b""


def test_who_comes_later_is_told_what_was_said_so_far_until_the_debate_is_over() -> None:
    feed = WordFeed()
    feed.conclude("panel#3", spoken("bull", failed="it gave no answer"))
    feed.conclude("panel#4", spoken("bear"))
    assert all_told(feed.frames({})[0]) == [("said", "bull", 1), ("said", "bear", 1)]
    feed.fall_silent("panel#3")
    assert all_told(feed.frames({})[0]) == [("said", "bear", 1)]


def test_a_message_is_told_field_by_field_but_for_its_place_among_calls() -> None:
    stance = SymbolStance(symbol="BTC/USDC:USDC", stance=Stance.SHORT, confidence=0.7)
    message = spoken(
        "bear", stances=(stance,), signals=("RSI 28",), argument="Down\n\nid: 9", tools=("bars",), call=4
    )
    feed = WordFeed()
    feed.conclude("panel#3", message)
    frame = feed.frames({})[0].decode()
    assert frame.startswith("event: said\ndata: ")
    assert frame.count("\n") == 3
    assert json.loads(frame.partition("data: ")[2]) == {
        "agent": "panel#3",
        "message": {
            "turn": 1,
            "role": "bear",
            "model": "x/y",
            "stances": [{"symbol": "BTC/USDC:USDC", "stance": "short", "confidence": 0.7}],
            "signals": ["RSI 28"],
            "argument": "Down\n\nid: 9",
            "tools": ["bars"],
            "failed": "",
        },
    }


def test_what_debates_came_to_is_bounded_as_words_are() -> None:
    feed = WordFeed()
    longest = {"signals": ("s" * MAX_SIGNAL,) * MAX_SIGNALS, "argument": "a" * MAX_ARGUMENT}
    for number in range(MOST_TALKS + 5):
        feed.say("panel", "bull", "w" * 2 * MOST_CHARS)
        feed.conclude("panel", spoken("bull", turn=number, **longest))
    turns = [turn for kind, _, turn in all_told(feed.frames({})[0]) if kind == "said"]
    assert turns == list(range(5, MOST_TALKS + 5))
    feed.fall_silent("panel")
    assert feed.frames({}) == (b"", {})

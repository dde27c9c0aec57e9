"""What models say while they say it, kept once for all who look on."""

import json

from hypothesis import given
from hypothesis import strategies as st

from cockpit.daemon.word_feed import MOST_CHARS, MOST_TALKS, WordFeed


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

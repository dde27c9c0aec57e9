import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cockpit.daemon.word_feed import WordFeed
from cockpit.tui.link import Words
from cockpit.tui.talks import MOST_CHARS, MOST_TALKS, Talk, Talks


def piece(text: str, start: int = 0, *, talk: int = 1, agent: str = "robot", role: str = "decide") -> Words:
    return Words(agent=agent, role=role, talk=talk, start=start, text=text)


def only(talks: Talks, agent: str = "robot") -> Talk:
    (talk,) = talks.of(agent)
    return talk


def test_pieces_that_follow_each_other_make_one_text():
    talks = Talks()
    talks.hear(piece("I wait "))
    talks.hear(piece("for a close.", 7))
    assert (only(talks).text, only(talks).said, only(talks).is_cut) == ("I wait for a close.", 19, False)


def test_where_something_was_left_out_the_text_begins_anew_and_says_so():
    talks = Talks()
    talks.hear(piece("I wait "))
    talks.hear(piece("a close.", 900))
    assert (only(talks).text, only(talks).said, only(talks).is_cut) == ("a close.", 908, True)


def test_another_speech_takes_the_place_of_the_last_and_a_decision_ends_it():
    talks = Talks()
    talks.hear(piece("old"))
    talks.hear(piece("new", talk=2))
    talks.hear(piece("bear", talk=3, role="bear"))
    talks.hear(piece("other", talk=4, agent="other"))
    assert [each.text for each in talks.of("robot")] == ["new", "bear"]
    before = dict(talks.changes)
    talks.end("robot")
    assert list(talks.of("robot")) == []
    assert only(talks, "other").text == "other"
    assert (talks.changes["robot"] > before["robot"], talks.changes["other"]) == (True, before["other"])


def test_length_and_number_are_bounded():
    talks = Talks()
    talks.hear(piece("A" * 5_000_000))
    assert (len(only(talks).text), only(talks).is_cut) == (MOST_CHARS, True)
    for number in range(MOST_TALKS + 5):
        talks.hear(piece("x", talk=number + 2, role=f"role {number}"))
    assert len(list(talks.of("robot"))) == MOST_TALKS


@given(st.lists(st.tuples(st.booleans(), st.text(max_size=3_000)), max_size=20))
def test_what_is_heard_is_the_end_of_what_is_said_however_seldom_it_is_told(said: list[tuple[bool, str]]):
    feed, talks, known, whole = WordFeed(), Talks(), {}, ""
    for is_told, text in [*said, (True, "end")]:
        feed.say("robot", "decide", text)
        whole += text
        if is_told:
            frames, known = feed.frames(known)
            for words in _words(frames):
                talks.hear(words)
    assert whole.endswith(only(talks).text)
    assert only(talks).said == len(whole)
    assert only(talks).is_cut is (only(talks).text != whole)


def _words(frames: bytes) -> list[Words]:
    data = [frame.partition(b"data: ")[2] for frame in frames.split(b"\n\n")[:-1]]
    return [Words(**msgspec.json.decode(each)) for each in data]

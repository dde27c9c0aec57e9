import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cockpit.daemon.word_feed import WordFeed
from cockpit.domain.debates import DebateMessage
from cockpit.tui.link import Said, Words
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


def said(role: str, turn: int = 1, *, agent: str = "robot", words: str = "so") -> Said:
    return Said(agent=agent, message=DebateMessage(turn=turn, role=role, model="m", argument=words))


def test_what_words_came_to_takes_their_place_and_the_next_words_are_another_speech():
    talks = Talks()
    talks.hear(piece("I say", role="bull"))
    talks.hear(piece("I too", talk=2, role="bear"))
    before = talks.turns
    talks.conclude(said("bull"))
    assert [each.role for each in talks.of("robot")] == ["bear"]
    assert [each.role for each in talks.messages("robot")] == ["bull"]
    assert talks.turns > before
    talks.hear(piece("again", talk=3, role="bull"))
    assert [each.text for each in talks.of("robot")] == ["I too", "again"]


def test_messages_stand_in_the_order_of_their_turns_and_what_is_told_again_is_there_once():
    talks = Talks()
    for each in (
        said("bull", 2),
        said("bull"),
        said("bear"),
        said("bull", 2, words="anew"),
        said("bull", agent="x"),
    ):
        talks.conclude(each)
    told = [(each.turn, each.role, each.argument) for each in talks.messages("robot")]
    assert told == [(1, "bull", "so"), (1, "bear", "so"), (2, "bull", "anew")]
    assert talks.speakers == ["robot", "x"]


def test_with_the_end_goes_what_was_said_and_the_number_of_messages_is_bounded():
    talks = Talks()
    for number in range(MOST_TALKS + 5):
        talks.conclude(said("bull", number))
    assert len(talks.messages("robot")) == MOST_TALKS
    talks.conclude(said("bull", agent="x"))
    before = talks.changes["robot"]
    talks.end("robot")
    assert (talks.messages("robot"), talks.speakers) == ([], ["x"])
    assert talks.changes["robot"] > before
    talks.clear()
    assert talks.speakers == []


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

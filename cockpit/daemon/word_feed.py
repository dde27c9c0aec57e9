"""What models say while they say it: passing by, for whoever looks on, and no state.

Of what somebody is saying only the end is kept, once for all streams; a stream holds how far it has told each
of them. So a reader that is slow is told less, and nothing waits for it. Where a role of a debate has come to
the end of its turn, what its words came to is told after them, until the debate is in the journal.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from cockpit.domain.debates import DebateMessage

WORDS = "words"
"""The kind of the passing message that tells what a model says; it has no id."""

SAID = "said"
"""The kind of the passing message that tells what a role of a debate has said; it has no id."""

WORDS_EVERY_S = 0.2
"""A stream tells words at most so often."""

MOST_CHARS = 8_192
"""Of what one is saying, this much of the end can still be told."""

MOST_TALKS = 256
"""Speeches that are kept, those under way and those at their end; of more the oldest is forgotten."""


class WordData(msgspec.Struct, frozen=True):
    """A piece of what is being said.

    Attributes:
        agent: Who asked: an agent, or, in a debate that was asked for, the agent, ``#`` and the debate's id.
        role: As what the model was asked: ``decide``, ``bull`` …
        talk: Counts what was said by anybody; another number is another speech.
        start: Characters of it that came before this piece.
        text: The piece, untrusted.
    """

    agent: str
    role: str
    talk: int
    start: int
    text: str


@dataclass(slots=True)
class _Talk:
    """What one is saying, or has said.

    Attributes:
        agent: Who asked.
        role: As what.
        said: Characters so far.
        text: The last of them.
        came_to: The server-sent event that tells what the words came to; empty while it is not known.
    """

    agent: str
    role: str
    said: int = 0
    text: str = ""
    came_to: bytes = b""


class WordFeed:
    """The words of all who are speaking."""

    def __init__(self) -> None:
        self._talks: dict[int, _Talk] = {}
        self._speaking: dict[tuple[str, str], int] = {}
        self._count = 0

    def say(self, agent: str, role: str, piece: str) -> None:
        """Takes in what a model says.

        Args:
            agent: Who asked it.
            role: As what.
            piece: The next of its words, untrusted.
        """
        talk = self._talk(agent, role)
        talk.said += len(piece)
        end = piece[-MOST_CHARS:].encode("utf-8", "replace").decode()
        talk.text = (talk.text + end)[-MOST_CHARS:]

    def conclude(self, agent: str, message: DebateMessage) -> None:
        """Takes in what a role's words came to at the end of its turn; what it says next is another speech.

        Args:
            agent: Who asked it.
            message: Bounded and inert, as all of a debate's.
        """
        told = msgspec.to_builtins(message)
        del told["call"]  # only the debate as a whole has calls to count from
        data = msgspec.json.encode({"agent": agent, "message": told})
        self._talk(agent, message.role).came_to = _frame(SAID, data)
        del self._speaking[agent, message.role]

    def fall_silent(self, agent: str) -> None:
        """Forgets what an agent's models said: it has decided, or will not."""
        for number in [number for number, talk in self._talks.items() if talk.agent == agent]:
            self._forget(number)

    def frames(self, told: Mapping[int, int]) -> tuple[bytes, dict[int, int]]:
        """Server-sent events with what was said since, or as much of its end as is kept.

        Args:
            told: Talk → how much of it was told, as the last call gave it; empty before the first. What its
                words came to counts as one more character.

        Returns:
            The events, and how far they tell each talk.
        """
        frames, telling = [], {}
        for number, talk in self._talks.items():
            before = told.get(number, 0)
            start = max(before, talk.said - len(talk.text))
            if start < talk.said:
                piece = talk.text[start - talk.said :]
                words = WordData(agent=talk.agent, role=talk.role, talk=number, start=start, text=piece)
                frames.append(_frame(WORDS, msgspec.json.encode(words)))
            if talk.came_to and before <= talk.said:
                frames.append(talk.came_to)
            telling[number] = talk.said + bool(talk.came_to)
        return b"".join(frames), telling

    def _talk(self, agent: str, role: str) -> _Talk:
        """What one is saying now, or begins to say."""
        number = self._speaking.get((agent, role))
        if number is None:
            if len(self._talks) >= MOST_TALKS:
                self._forget(next(iter(self._talks)))
            self._count += 1
            number = self._speaking[agent, role] = self._count
            self._talks[number] = _Talk(agent, role)
        return self._talks[number]

    def _forget(self, number: int) -> None:
        talk = self._talks.pop(number)
        if self._speaking.get((talk.agent, talk.role)) == number:
            del self._speaking[talk.agent, talk.role]


def _frame(kind: str, data: bytes) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"

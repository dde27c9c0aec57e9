"""What models say while they say it: passing by, for whoever looks on, and no state.

Of what somebody is saying only the end is kept, once for all streams; a stream holds how far it has told each
of them. So a reader that is slow is told less, and nothing waits for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

WORDS = "words"
"""The kind of the passing message that tells what a model says; it has no id."""

WORDS_EVERY_S = 0.2
"""A stream tells words at most so often."""

MOST_CHARS = 8_192
"""Of what one is saying, this much of the end can still be told."""

MOST_TALKS = 256
"""Who speaks at once; when there are more, the oldest is forgotten."""


class WordData(msgspec.Struct, frozen=True):
    """A piece of what is being said.

    Attributes:
        agent: Who asked.
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
    """What one is saying: how many characters so far, and the last of them."""

    number: int
    said: int = 0
    text: str = ""


class WordFeed:
    """The words of all who are speaking."""

    def __init__(self) -> None:
        self._talks: dict[tuple[str, str], _Talk] = {}
        self._count = 0

    def say(self, agent: str, role: str, piece: str) -> None:
        """Takes in what a model says.

        Args:
            agent: Who asked it.
            role: As what.
            piece: The next of its words, untrusted.
        """
        talk = self._talks.get((agent, role))
        if talk is None:
            if len(self._talks) >= MOST_TALKS:
                del self._talks[next(iter(self._talks))]
            self._count += 1
            talk = self._talks[agent, role] = _Talk(self._count)
        talk.said += len(piece)
        end = piece[-MOST_CHARS:].encode("utf-8", "replace").decode()
        talk.text = (talk.text + end)[-MOST_CHARS:]

    def fall_silent(self, agent: str) -> None:
        """Forgets what an agent's models said: it has decided, or will not."""
        for key in [key for key in self._talks if key[0] == agent]:
            del self._talks[key]

    def frames(self, told: Mapping[int, int]) -> tuple[bytes, dict[int, int]]:
        """Server-sent events with what was said since, or as much of its end as is kept.

        Args:
            told: Talk → its characters that were told, as the last call gave it; empty before the first.

        Returns:
            The events, and how far they tell each talk.
        """
        frames = []
        for (agent, role), talk in self._talks.items():
            start = max(told.get(talk.number, 0), talk.said - len(talk.text))
            if start < talk.said:
                piece = talk.text[start - talk.said :]
                data = WordData(agent=agent, role=role, talk=talk.number, start=start, text=piece)
                frames.append(b"event: " + WORDS.encode() + b"\ndata: " + msgspec.json.encode(data) + b"\n\n")
        return b"".join(frames), {talk.number: talk.said for talk in self._talks.values()}

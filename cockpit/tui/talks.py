"""What models are saying right now: passing by, and gone once their agent has decided."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cockpit.tui.link import Words

MOST_CHARS = 8_192
"""Of what one is saying, this much of the end is kept."""

MOST_TALKS = 256
"""Who speaks at once; when there are more, the oldest is forgotten."""


@dataclass(slots=True)
class Talk:
    """What one model is saying.

    Attributes:
        agent: Who asked it.
        role: As what.
        number: Of the speech: another one is another speech.
        said: Characters so far.
        text: The last of them, untrusted.
        is_cut: Whether something before them, or between them, is missing.
    """

    agent: str
    role: str
    number: int
    said: int = 0
    text: str = ""
    is_cut: bool = False


@dataclass(slots=True)
class Talks:
    """All who are speaking.

    Attributes:
        changes: Agent → how often what its models say has changed.
    """

    changes: dict[str, int] = field(default_factory=dict)
    _talks: dict[tuple[str, str], Talk] = field(default_factory=dict)

    def hear(self, words: Words) -> None:
        """Takes in a piece of what is being said."""
        key = words.agent, words.role
        talk = self._talks.get(key)
        if talk is None or talk.number != words.talk:
            self._talks.pop(key, None)
            if len(self._talks) >= MOST_TALKS:
                del self._talks[next(iter(self._talks))]
            talk = self._talks[key] = Talk(words.agent, words.role, words.talk)
        if words.start != talk.said:
            talk.text, talk.is_cut = "", True
        talk.said = words.start + len(words.text)
        text = talk.text + words.text
        talk.is_cut = talk.is_cut or len(text) > MOST_CHARS
        talk.text = text[-MOST_CHARS:]
        self._touch(words.agent)

    def end(self, agent: str) -> None:
        """An agent has decided, or will not."""
        ended = [key for key in self._talks if key[0] == agent]
        for key in ended:
            del self._talks[key]
        if ended:
            self._touch(agent)

    def clear(self) -> None:
        """Forgets everything: what is heard next has another beginning."""
        for agent in {talk.agent for talk in self._talks.values()}:
            self.end(agent)

    def of(self, agent: str) -> Iterator[Talk]:
        """What an agent's models are saying, those first that began first."""
        return (talk for talk in self._talks.values() if talk.agent == agent)

    def _touch(self, agent: str) -> None:
        self.changes[agent] = self.changes.get(agent, 0) + 1

"""What models are saying right now: passing by, and gone once their agent has decided."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cockpit.domain.debates import DebateMessage
from cockpit.tui.link import Said, Words

MOST_CHARS = 8_192
"""Of what one is saying, this much of the end is kept."""

MOST_TALKS = 256
"""Who speaks at once, and what has been said: when there is more, the oldest is forgotten."""


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
    """All who are speaking, and what their debates have come to so far.

    Attributes:
        changes: Agent → how often what its models say has changed.
        turns: How often somebody began to speak, came to an end, or was forgotten.
    """

    changes: dict[str, int] = field(default_factory=dict)
    turns: int = 0
    _talks: dict[tuple[str, str], Talk] = field(default_factory=dict)
    _said: dict[tuple[str, int, str], DebateMessage] = field(default_factory=dict)

    def hear(self, words: Words) -> None:
        """Takes in a piece of what is being said."""
        key = words.agent, words.role
        talk = self._talks.get(key)
        if talk is None or talk.number != words.talk:
            self._talks.pop(key, None)
            if len(self._talks) >= MOST_TALKS:
                del self._talks[next(iter(self._talks))]
            talk = self._talks[key] = Talk(words.agent, words.role, words.talk)
            self.turns += 1
        if words.start != talk.said:
            talk.text, talk.is_cut = "", True
        talk.said = words.start + len(words.text)
        text = talk.text + words.text
        talk.is_cut = talk.is_cut or len(text) > MOST_CHARS
        talk.text = text[-MOST_CHARS:]
        self._touch(words.agent)

    def conclude(self, said: Said) -> None:
        """Takes in what a role's words came to, in their place."""
        message = said.message
        self._talks.pop((said.agent, message.role), None)
        key = said.agent, message.turn, message.role
        if key not in self._said and len(self._said) >= MOST_TALKS:
            del self._said[next(iter(self._said))]
        self._said[key] = message
        self.turns += 1
        self._touch(said.agent)

    def end(self, agent: str) -> None:
        """An agent has decided, or will not."""
        talks = [key for key in self._talks if key[0] == agent]
        for key in talks:
            del self._talks[key]
        messages = [each for each in self._said if each[0] == agent]
        for each in messages:
            del self._said[each]
        if talks or messages:
            self.turns += 1
            self._touch(agent)

    def clear(self) -> None:
        """Forgets everything: what is heard next has another beginning."""
        for agent in self.speakers:
            self.end(agent)

    @property
    def speakers(self) -> list[str]:
        """Who is speaking, or has come to something, each once."""
        talking = [agent for agent, _ in self._talks]
        return list(dict.fromkeys([*talking, *(agent for agent, _, _ in self._said)]))

    def of(self, agent: str) -> Iterator[Talk]:
        """What an agent's models are saying, those first that began first."""
        return (talk for talk in self._talks.values() if talk.agent == agent)

    def messages(self, agent: str) -> list[DebateMessage]:
        """What the roles of an agent's debate have said so far, turn by turn."""
        told = ((key, message) for key, message in self._said.items() if key[0] == agent)
        return [message for _, message in sorted(told, key=lambda each: each[0][1])]

    def _touch(self, agent: str) -> None:
        self.changes[agent] = self.changes.get(agent, 0) + 1

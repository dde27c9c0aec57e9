"""A debate as cards, one for each role: its last word, what it said before that, what it is saying now."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from cockpit.agents.debate.consensus import agreement_of, consensus_of
from cockpit.domain.debates import JUDGE, SHADOW, AnalystRole, Debate, DebateMessage, Stance
from cockpit.tui.debate_history import DebateEntry
from cockpit.tui.talks import Talk, Talks


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is known of one role of a debate.

    Attributes:
        role: Which.
        word: Its last word that can be used, else why there is none; None: it has not come to one.
        before: Its last word before that one, where there was any.
        fault: Why it said nothing in a later turn; empty where it did.
        talk: What it is saying now.
        call_id: The model call that brought the word; None where that is not in the journal.
    """

    role: str
    word: DebateMessage | None = None
    before: DebateMessage | None = None
    fault: str = ""
    talk: Talk | None = None
    call_id: int | None = None

    @property
    def model(self) -> str:
        """litellm's name for the model, without its provider's; empty while it is not known."""
        return "" if self.word is None else self.word.model.rpartition("/")[2]

    @property
    def turned(self) -> dict[str, Stance]:
        """Symbol → the stance it took before it took another."""
        if self.word is None or self.before is None:
            return {}
        now = {each.symbol: each.stance for each in self.word.stances}
        return {
            each.symbol: each.stance
            for each in self.before.stances
            if now.get(each.symbol, each.stance) is not each.stance
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How the analysts' last words divide on one instrument, or on several together.

    Attributes:
        symbol: Which; empty: several.
        agreement: Share of them that agree, 0 … 1; None where fewer than two said anything.
        counts: Stance → how many take it.
    """

    symbol: str
    agreement: float | None
    counts: dict[Stance, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """A debate, role by role.

    Attributes:
        analysts: In the order they are told.
        judge: What it decides.
        shadow: The judge without the debate; None where it was not asked.
    """

    analysts: tuple[Card, ...]
    judge: Card
    shadow: Card | None

    @property
    def all(self) -> tuple[Card, ...]:
        """Every card, the analysts' first."""
        return (*self.analysts, self.judge, *(() if self.shadow is None else (self.shadow,)))

    def splits(self, symbols: Sequence[str]) -> list[Split]:
        """How the analysts divide: on each symbol that anybody spoke of."""
        words = [each.word for each in self.analysts if each.word is not None and not each.word.failed]
        consensus = consensus_of(symbols, [each.stances for each in words], {})
        return [
            Split(symbol=each.symbol, agreement=each.agreement, counts=_counts(words, each.symbol))
            for each in consensus
            if each.opinions
        ]

    def together(self, symbols: Sequence[str]) -> Split:
        """How they divide on all symbols, each symbol's agreement counting the same."""
        words = [each.word for each in self.analysts if each.word is not None and not each.word.failed]
        consensus = consensus_of(symbols, [each.stances for each in words], {})
        return Split(symbol="", agreement=agreement_of(consensus), counts=_counts(words))


def cards_of(entry: DebateEntry, talks: Talks, roster: Iterable[str]) -> Cards:
    """The cards of a debate; of one under way, from what is passing by.

    Args:
        entry: It.
        talks: What is being said.
        roster: The analysts that are known to take part, whether they have begun to speak or not.
    """
    if entry.debate is not None:
        return _held(entry, entry.debate)
    if not entry.is_under_way:
        return Cards(analysts=(), judge=Card(role=JUDGE), shadow=None)
    talking = {talk.role: talk for talk in talks.of(entry.speaker)}
    messages = talks.messages(entry.speaker)
    spoken = {each.role for each in messages} | (talking.keys() & _KNOWN)
    roles = dict.fromkeys([*roster, *_in_order(spoken - {JUDGE, SHADOW})])
    made = {role: _card(role, [m for m in messages if m.role == role], talking.get(role)) for role in roles}
    judge = _card(JUDGE, [m for m in messages if m.role == JUDGE], talking.get(JUDGE))
    shadow = _card(SHADOW, [m for m in messages if m.role == SHADOW], talking.get(SHADOW))
    return Cards(
        analysts=tuple(made.values()), judge=judge, shadow=shadow if shadow.word or shadow.talk else None
    )


def analysts_of(debate: Debate) -> list[str]:
    """Who spoke in a debate, in the order they are told."""
    return list(dict.fromkeys(each.role for each in debate.messages if each.role not in {JUDGE, SHADOW}))


_KNOWN = frozenset({*(role.value for role in AnalystRole), JUDGE, SHADOW})
"""Roles that take part; others, such as who mends an answer's form, speak beside the debate."""


def _in_order(roles: Iterable[str]) -> list[str]:
    places = {role.value: place for place, role in enumerate(AnalystRole)}
    return sorted(roles, key=lambda role: (places.get(role, len(places)), role))


def _held(entry: DebateEntry, debate: Debate) -> Cards:
    of_role = {
        role: list(told)
        for role, told in groupby(sorted(debate.messages, key=lambda each: each.role), lambda each: each.role)
    }
    made = {role: _card(role, told, None, entry.first_call_id) for role, told in of_role.items()}
    shadow = debate.shadow
    return Cards(
        analysts=tuple(made[role] for role in analysts_of(debate)),
        judge=made.get(JUDGE, Card(role=JUDGE)),
        shadow=None if shadow is None else _card(SHADOW, [shadow], None, entry.first_call_id),
    )


def _card(
    role: str, told: Sequence[DebateMessage], talk: Talk | None, first_call_id: int | None = None
) -> Card:
    """A role's card; its messages in the order of the turns."""
    usable = [each for each in told if not each.failed]
    word = usable[-1] if usable else (told[-1] if told else None)
    fault = told[-1].failed if usable and told[-1] is not word else ""
    call = None if word is None else word.call
    return Card(
        role=role,
        word=word,
        before=usable[-2] if len(usable) > 1 else None,
        fault=fault,
        talk=talk,
        call_id=None if call is None or first_call_id is None else first_call_id + call,
    )


def _counts(words: Iterable[DebateMessage], symbol: str = "") -> dict[Stance, int]:
    counts = dict.fromkeys(Stance, 0)
    for stance in _stances(words, symbol):
        counts[stance] += 1
    return counts


def _stances(words: Iterable[DebateMessage], symbol: str) -> Iterator[Stance]:
    return (each.stance for word in words for each in word.stances if symbol in {"", each.symbol})

"""All debates there are to look at: of the latest events, under way, and read from the journal."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cockpit.domain.formats import money
from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.domain.orders import OrderStatus
from cockpit.tui import look
from cockpit.tui.debate_cards import Cards, analysts_of, cards_of
from cockpit.tui.debate_history import DebateEntry, DebateStatus
from cockpit.tui.store import Store

_ENDED = frozenset(
    {OrderStatus.DENIED, OrderStatus.REJECTED, OrderStatus.HELD, OrderStatus.CANCELED, OrderStatus.EXPIRED}
)


MOST_LISTED = 1_000
"""Debates that are remembered in short."""

_LARGE = 1_000 * MICROS_PER_UNIT
"""Money from which cents are not told."""


@dataclass(slots=True)
class DebateShelf:
    """The debates of a run: those the store knows whole, and what is known of those before them.

    Attributes:
        store: Knows the latest of them.
    """

    store: Store
    _past: dict[int, DebateEntry] = field(default_factory=dict)
    _has_all: bool = False
    _run_id: str = ""

    def newest(self) -> list[DebateEntry]:
        """All of them: first those under way, then the newest first."""
        self._keep_in_step()
        known = {**self._past, **self.store.debates.entries}
        newest = [known[number] for number in sorted(known, reverse=True)]
        return [*self._of_rounds(), *sorted(newest, key=lambda each: not each.is_under_way)]

    def get(self, key: object) -> DebateEntry | None:
        """The debate with a key; None where there is none any more."""
        if isinstance(key, int):
            return self.store.debates.entries.get(key) or self._past.get(key)
        return next((each for each in self._of_rounds() if each.key == key), None)

    def add_older(self, entries: Mapping[int, DebateEntry]) -> None:
        """Takes in a page of debates older than `oldest`; where it is empty there are no others."""
        self._has_all = not entries
        over = {number: entry for number, entry in entries.items() if not entry.is_under_way}
        self._past = over | self._past

    def add_whole(self, entry: DebateEntry) -> None:
        """Takes in a debate with all that was said."""
        if entry.debate_id is not None:
            self._past[entry.debate_id] = entry

    def is_unread(self, entry: DebateEntry) -> bool:
        """Whether only the journal knows what was said."""
        return entry.debate_id in self._past.keys() - self.store.debates.entries.keys() and (
            entry.first_call_id is None
        )

    @property
    def has_all(self) -> bool:
        """Whether there are none before those that are known."""
        self._keep_in_step()
        return self._has_all

    @property
    def oldest(self) -> int | None:
        """The number before which there may be others; None: nothing is known yet."""
        ended = (each for each in self.store.debates.entries.values() if not each.is_under_way)
        return min([*self._past, *(each.debate_id for each in ended if each.debate_id)], default=None)

    def _of_rounds(self) -> list[DebateEntry]:
        """Debates that are being held for a round, as far as words passing by tell."""
        state, debaters = self.store.state, self.store.debaters
        return [
            DebateEntry(
                debate_id=None,
                ts_ms=state.ts_ms,
                agent=agent,
                status=DebateStatus.UNDER_WAY,
                symbols=tuple(self.store.instruments),
            )
            for agent in self.store.talks.speakers
            if agent in debaters
        ]

    def _keep_in_step(self) -> None:
        """Remembers in short what the store will forget; forgets everything once another run has begun."""
        if self._run_id != self.store.state.run_id:
            self._run_id = self.store.state.run_id
            self._past, self._has_all = {}, False
        for number, entry in self.store.debates.entries.items():
            if not entry.is_under_way:
                self._past[number] = _in_short(entry)
        for number in sorted(self._past)[:-MOST_LISTED]:
            del self._past[number]
            self._has_all = False

    def cards(self, entry: DebateEntry) -> Cards:
        """A debate, role by role."""
        return cards_of(entry, self.store.talks, self._roster(entry) if entry.is_under_way else ())

    def _roster(self, entry: DebateEntry) -> list[str]:
        """Who takes part, as far as the agent's last debate tells."""
        held = (each for each in self.newest() if each.agent == entry.agent and each.debate is not None)
        last = next(held, None)
        return [] if last is None or last.debate is None else analysts_of(last.debate)

    def outcome(self, entry: DebateEntry) -> tuple[str, str]:
        """What became of a debate's decision in a word or a figure, and the style for it; empty: nothing."""
        decision = self.store.trail.of(entry.decision_id)
        if decision is None:
            return entry.outcome, look.MUTED
        if decision.trades:
            pnl = sum(trade.pnl for trade in decision.trades)
            decimals = 2 if abs(pnl) < _LARGE else 0
            return money(pnl, signed=True, decimals=decimals), look.tone_of(pnl)
        if not decision.orders:
            return ("no order", look.MUTED) if decision.settled else ("⋯", look.MUTED)
        if all(each.status in _ENDED and not each.filled_lots for each in decision.orders.values()):
            return "✗ no fill", look.WARN
        return "open", look.INFO


def _in_short(entry: DebateEntry) -> DebateEntry:
    """A debate without what was said in it."""
    return replace(entry, debate=None, first_call_id=None, targets=(), refused=(), checks=())

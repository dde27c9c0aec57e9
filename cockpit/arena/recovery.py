"""How a run is taken up again: the events since the snapshot are folded, and agents relive them."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field

from cockpit.agents.agent import AccountView, Agent, MarketView
from cockpit.arena.rounds import account_view, asked_in
from cockpit.arena.tape import Tape
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import DecisionFailed, MarketAdvanced, Recorded, RoundClosed, RoundOpened
from cockpit.markets.market import MarketStep
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState


class RecoveryError(CockpitError):
    """The run can't be taken up: its market no longer says what the journal remembers."""


@dataclass(slots=True, kw_only=True)
class Recovery:
    """Brings state, tape and agents to where the journal ends.

    Attributes:
        state: What the snapshot held, or an empty state; changed in place.
        tape: Filled with history up to the snapshot's instant.
        agents: With the memory they had at the snapshot, by name.
        steps: The market's steps after the snapshot's instant.
    """

    state: ArenaState
    tape: Tape
    agents: Mapping[str, Agent]
    steps: AsyncIterator[MarketStep]
    _view: MarketView | None = field(init=False, default=None)
    _asked: dict[str, AccountView] = field(init=False, default_factory=dict)

    async def catch_up(self, events: Iterable[Recorded]) -> int:
        """Folds the events and lets agents relive each round; returns how many events there were.

        Raises:
            RecoveryError: If the market's steps differ from the journal's.
        """
        count = 0
        for recorded in events:
            count += 1
            event = recorded.event
            if isinstance(event, MarketAdvanced):
                await self._take_step(recorded, event)
            elif isinstance(event, RoundOpened):
                self._open_round(recorded, event)
            apply(self.state, recorded)
            if isinstance(event, DecisionFailed):
                self._asked.pop(event.agent, None)
                self.agents[event.agent].forget()
            elif isinstance(event, RoundClosed):
                self._relive()
        return count

    async def _take_step(self, recorded: Recorded, event: MarketAdvanced) -> None:
        step = await anext(self.steps, None)
        if step is None or step.ts_ms != recorded.ts_ms:
            raise RecoveryError(self._mismatch(recorded))
        self.tape.append(step)
        if self.tape.advance(self.state, step) != event:
            raise RecoveryError(self._mismatch(recorded))

    def _mismatch(self, recorded: Recorded) -> str:
        return (
            f"the market does not repeat what event {recorded.seq} of the journal says; "
            "has its data been changed? Begin anew with --new"
        )

    def _open_round(self, recorded: Recorded, event: RoundOpened) -> None:
        self._view = self.tape.view(self.state, recorded.ts_ms)
        if self._view.view_hash != event.view_hash:
            raise RecoveryError(self._mismatch(recorded))
        self._asked = {name: account_view(self.state, name) for name in asked_in(self.state)}

    def _relive(self) -> None:
        """Those who decided take the view in again; those who failed have forgotten everything."""
        assert self._view is not None, "a round closed that was never opened"
        for name, own in self._asked.items():
            self.agents[name].relive(self._view, own)
        self._asked = {}

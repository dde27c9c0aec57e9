"""How a run is taken up again: the events since the snapshot are folded, and agents relive them."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass

from cockpit.agents.agent import AccountView, Agent, MarketView
from cockpit.arena.rounds import asked_in
from cockpit.arena.tape import Tape
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import DecisionFailed, MarketAdvanced, Recorded, RoundOpened
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

    async def catch_up(self, events: Iterable[Recorded]) -> int:
        """Folds the events and lets agents relive each round; returns how many events there were.

        Raises:
            RecoveryError: If the market's steps differ from the journal's.
        """
        count = 0
        for recorded in events:
            count += 1
            if isinstance(recorded.event, MarketAdvanced):
                await self._take_step(recorded, recorded.event)
            view = self._view_of(recorded)
            apply(self.state, recorded)
            if view is not None:
                self._relive(view)
            elif isinstance(recorded.event, DecisionFailed):
                self.agents[recorded.event.agent].forget()
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

    def _view_of(self, recorded: Recorded) -> MarketView | None:
        if not isinstance(recorded.event, RoundOpened):
            return None
        view = self.tape.view(self.state, recorded.ts_ms)
        if view.view_hash != recorded.event.view_hash:
            raise RecoveryError(self._mismatch(recorded))
        return view

    def _relive(self, view: MarketView) -> None:
        for name in asked_in(self.state):
            agent = self.state.agents[name]
            own = AccountView(account=agent.account, equity=agent.watch.equity)
            try:
                self.agents[name].relive(view, own)
            except Exception:  # noqa: BLE001 - it raised then as now; the journal's failure event follows
                self.agents[name].forget()

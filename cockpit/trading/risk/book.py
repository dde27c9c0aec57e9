"""Exposure of all agents, kept from one order to the next."""

from dataclasses import dataclass, field
from math import inf

from cockpit.domain.accounts import Account
from cockpit.domain.market import Instrument
from cockpit.domain.orders import Order
from cockpit.trading.agent_state import AgentState
from cockpit.trading.risk.exposure import (
    NO_EXPOSURE,
    Exposure,
    Worth,
    entries_of,
    exposure_of,
    reach_of,
    worth_of,
)
from cockpit.trading.state import ArenaState


@dataclass(slots=True)
class _Page:
    """One agent's exposure, and what it was counted from; accounts and orders themselves never change."""

    account: Account | None = None
    working: list[Order] = field(default_factory=list)
    exposure: Exposure = NO_EXPOSURE


@dataclass(slots=True)
class ExposureBook:
    """What all agents hold and may come to hold; only what changed is counted anew.

    It says what counting everything would say, and may be thrown away at any time.
    """

    _pages: dict[str, _Page] = field(default_factory=dict)
    _gross: int = 0
    _longest: int = 0
    _shortest: int = 0
    _instruments: tuple[Instrument, ...] = ()
    _marks: dict[str, float] = field(default_factory=dict)
    _worth: dict[str, Worth] = field(default_factory=dict)

    def worth(self, state: ArenaState) -> dict[str, Worth]:
        """What turns lots into money now."""
        instruments = state.agreement.instruments
        if self._instruments is not instruments or self._marks != state.marks:
            self._instruments, self._marks = instruments, dict(state.marks)
            self._worth = worth_of(instruments, state.marks)
            self._forget()
        return self._worth

    def exposure(self, state: ArenaState, but: str | None = None) -> Exposure:
        """Exposure of all agents together: longs and shorts add up in gross, and cancel out in net.

        Args:
            state: The arena.
            but: An agent to leave out.

        Returns:
            The sums, without margin, which is each agent's own.

        Raises:
            Unpriced: If something is held, or may come to be, that has no mark.
        """
        worth, pages = self.worth(state), self._pages
        for name, agent in state.agents.items():
            if name == but:
                continue
            page = pages.get(name)
            working = [*agent.working.values()]
            if page is None or page.account is not agent.account or page.working != working:
                self._count(name, agent, worth)
        if len(pages) > len(state.agents):  # some are of agents that are gone
            self._forget()
            return self.exposure(state, but)
        gross, longest, shortest, _ = pages[but].exposure if but in pages else NO_EXPOSURE
        return Exposure(self._gross - gross, self._longest - longest, self._shortest - shortest, 0)

    def _count(self, name: str, agent: AgentState, worth: dict[str, Worth]) -> None:
        page = self._pages.setdefault(name, _Page())
        before = page.exposure
        after = exposure_of(reach_of(agent.account.positions, entries_of(agent)), worth, inf)
        self._gross += after.gross - before.gross
        self._longest += after.longest - before.longest
        self._shortest += after.shortest - before.shortest
        page.account, page.working, page.exposure = agent.account, [*agent.working.values()], after

    def _forget(self) -> None:
        self._pages.clear()
        self._gross = self._longest = self._shortest = 0

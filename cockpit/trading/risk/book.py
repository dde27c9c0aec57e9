"""Exposure of all agents, kept from one order to the next."""

from dataclasses import dataclass, field

from cockpit.domain.market import Instrument
from cockpit.trading.agent_state import AgentState
from cockpit.trading.risk.exposure import (
    NO_EXPOSURE,
    Counted,
    Exposure,
    Worth,
    at_work,
    exposure_of,
    reach_of,
    worth_of,
)
from cockpit.trading.state import ArenaState


@dataclass(slots=True)
class _Page:
    """One agent's exposure, and at which of its revisions it was counted."""

    revision: int = -1
    exposure: Exposure = NO_EXPOSURE


@dataclass(slots=True)
class ExposureBook:
    """What all agents hold and may come to hold; only what changed is counted anew.

    It says what counting everything would say, and may be thrown away at any time.

    Attributes:
        worth: What turned lots into money when exposure was last asked for.
        counted: What was counted by it.
    """

    worth: dict[str, Worth] = field(default_factory=dict)
    counted: Counted = field(default_factory=dict)
    _pages: dict[str, _Page] = field(default_factory=dict)
    _gross: int = 0
    _longest: int = 0
    _shortest: int = 0
    _instruments: tuple[Instrument, ...] = ()
    _marks: dict[str, float] = field(default_factory=dict)

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
        instruments, pages = state.agreement.instruments, self._pages
        if self._instruments is not instruments or self._marks is not state.marks:  # the fold makes them anew
            self._instruments, self._marks = instruments, state.marks
            self.worth, self.counted = worth_of(instruments, state.marks), {}
            self._forget()
        for name, agent in state.agents.items():
            if name == but:
                continue
            page = pages.get(name)
            if page is None or page.revision != agent.revision:
                self._count(name, agent)
        if len(pages) > len(state.agents):  # some are of agents that are gone
            self._forget()
            return self.exposure(state, but)
        gross, longest, shortest, _ = pages[but].exposure if but in pages else NO_EXPOSURE
        return self._gross - gross, self._longest - longest, self._shortest - shortest, 0

    def _count(self, name: str, agent: AgentState) -> None:
        page = self._pages.setdefault(name, _Page())
        gross_before, longest_before, shortest_before, _ = page.exposure
        exposure = exposure_of(
            reach_of(agent.account.positions, *at_work(agent)), self.worth, 1.0, self.counted
        )
        gross, longest, shortest, _ = exposure
        self._gross += gross - gross_before
        self._longest += longest - longest_before
        self._shortest += shortest - shortest_before
        page.revision, page.exposure = agent.revision, exposure

    def _forget(self) -> None:
        self._pages.clear()
        self._gross = self._longest = self._shortest = 0

"""Exposure of all agents, kept from one order to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from cockpit.domain.accounts import Account
from cockpit.domain.market import Instrument
from cockpit.domain.orders import Order
from cockpit.trading.agent_state import AgentState
from cockpit.trading.risk.exposure import (
    NO_EXPOSURE,
    Exposure,
    Reach,
    Tally,
    Unpriced,
    Worth,
    entries_of,
    reach_held,
    reach_with,
    symbol_exposure,
    worth_of,
)
from cockpit.trading.state import ArenaState


@dataclass(slots=True)
class AgentPage:
    """One agent's exposure, and what it was counted from; accounts and orders themselves never change.

    Attributes:
        account: Its account then.
        working: Its working orders then.
        leverage: What its margin was counted with.
        held: How far its positions reach.
        reach: How far it reaches.
        exposures: By symbol.
        total: To all symbols together.
    """

    account: Account | None = None
    working: list[Order] = field(default_factory=list)
    leverage: float = inf
    held: Reach = field(default_factory=dict)
    reach: Reach = field(default_factory=dict)
    exposures: dict[str, Exposure] = field(default_factory=dict)
    total: Tally = field(default_factory=Tally)


@dataclass(slots=True)
class ExposureBook:
    """What all agents hold and may come to hold; only what changed is counted anew.

    It says what counting everything would say, and may be thrown away at any time.

    Attributes:
        worth: What turns lots into money, at the last update.
        arena: Exposure of all agents together, at the last update: longs and shorts add up in gross, and
            cancel out in net. Its margin is of no use.
    """

    worth: dict[str, Worth] = field(default_factory=dict)
    arena: Tally = field(default_factory=Tally)
    _pages: dict[str, AgentPage] = field(default_factory=dict)
    _instruments: tuple[Instrument, ...] = ()
    _marks: dict[str, float] = field(default_factory=dict)

    def update(self, state: ArenaState, agent: str | None = None) -> None:
        """Counts what is not as it was.

        Args:
            state: The arena.
            agent: Whose orders have likely changed, which saves looking.

        Raises:
            Unpriced: If something is held, or may come to be, that has no mark.
        """
        instruments = state.agreement.instruments
        if self._instruments is not instruments or self._marks != state.marks:
            self._instruments, self._marks = instruments, dict(state.marks)
            self.worth = worth_of(instruments, state.marks)
            self._forget()
        self._update_pages(state.agents, agent)
        if len(self._pages) > len(state.agents):  # some are of agents that are gone
            self._forget()
            self._update_pages(state.agents, agent)

    def _update_pages(self, agents: Mapping[str, AgentState], likely: str | None) -> None:
        pages = self._pages
        for name, agent in agents.items():
            page = pages.get(name)
            if page is None:
                page = pages[name] = AgentPage()
            working = [*agent.working.values()]
            if name == likely or page.account is not agent.account or page.working != working:
                if page.account is not agent.account:
                    page.held = reach_held(agent.account)
                self._recount(page, reach_with(page.held, entries_of(agent)))
                page.account, page.working = agent.account, working

    def page(self, agent: str, leverage: float) -> AgentPage:
        """An agent's exposure at the last update, its margin counted with `leverage`."""
        page = self._pages[agent]
        if page.leverage != leverage:
            page.leverage = leverage
            self._turn(page, page.reach, list(page.reach))
        return page

    def _recount(self, page: AgentPage, reach: Reach) -> None:
        known = page.reach
        moved = [symbol for symbol, span in reach.items() if known.get(symbol) != span]
        if known.keys() != reach.keys():
            moved += [symbol for symbol in known if symbol not in reach]
        if moved:
            self._turn(page, reach, moved)

    def _turn(self, page: AgentPage, reach: Reach, moved: list[str]) -> None:
        changes = {symbol: self._exposure(symbol, reach, page.leverage) for symbol in moved}
        for symbol, after in changes.items():
            before = page.exposures.get(symbol, NO_EXPOSURE)
            page.total.move(before, after)
            self.arena.move(before, after)
        page.exposures |= changes
        page.reach = reach

    def _exposure(self, symbol: str, reach: Reach, leverage: float) -> Exposure:
        if symbol not in reach:
            return NO_EXPOSURE
        worth = self.worth.get(symbol)
        if worth is None:
            raise Unpriced(symbol)
        return symbol_exposure(reach[symbol], worth, leverage)

    def _forget(self) -> None:
        self._pages.clear()
        self.arena = Tally()

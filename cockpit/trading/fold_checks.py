"""What the folds of single events share: how an event can contradict the state, and how that is found."""

from cockpit.domain.errors import CockpitError
from cockpit.domain.market import Instrument
from cockpit.trading.agent_state import AgentState
from cockpit.trading.state import ArenaState


class FoldError(CockpitError):
    """An event does not fit the state it was applied to: the journal is not what this program wrote."""


def agent_of(state: ArenaState, name: str) -> AgentState:
    """The agent of that name.

    Raises:
        FoldError: If the run has none.
    """
    agent = state.agents.get(name)
    if agent is None:
        raise FoldError(f"no agent of this run is called {name}")
    return agent


def expect_id(what: str, given: int, expected: int) -> None:
    """Lets a counter pass that goes on where it was.

    Raises:
        FoldError: If one is missing, or comes again.
    """
    if given != expected:
        raise FoldError(f"the next {what} has number {expected}, not {given}")


def instruments_of(state: ArenaState) -> dict[str, Instrument]:
    """What the run trades, by symbol, in its order.

    Raises:
        FoldError: Before any run has started.
    """
    if state.run is None:
        raise FoldError("nothing is traded before a run has started")
    return {instrument.symbol: instrument for instrument in state.run.instruments}

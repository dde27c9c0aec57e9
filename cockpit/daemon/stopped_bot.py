"""What a bot that isn't running left: the state of its newest run; writes nothing."""

from typing import Any

from cockpit.arena.leaderboard import asks_models, leaderboard
from cockpit.arena.mind_records import read_mind_records
from cockpit.daemon.api_leaderboard import leaderboard_answer
from cockpit.daemon.api_safety import alerts_answer
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.newest_state import newest_state
from cockpit.daemon.run_facts import positions_held, run_facts
from cockpit.daemon.stopping import NotRunning
from cockpit.journal.routing_summary import RoutingSummary, read_routing
from cockpit.journal.views import JournalReader
from cockpit.trading.state import ArenaState


def state_left(folder: BotFolder) -> ArenaState:
    """The state where the journal ends; see `newest_state`.

    Raises:
        NotRunning: If no bot has run there yet.
        JournalError: If the journal can't be read.
        FoldError: If its events contradict each other.
    """
    state = newest_state(folder)
    if state is None:
        raise NotRunning(folder.name)
    return state


async def status_left(folder: BotFolder) -> dict[str, Any]:
    """What `cockpit status` tells of a bot that answers, as far as it is known without one, as plain data.

    Raises:
        NotRunning, JournalError, FoldError: See `state_left`.
    """
    state = state_left(folder)
    facts = run_facts(state)
    emergency = facts["emergency"]
    known = {"emergency": None if emergency is None else emergency.model_dump(mode="json"), "outage": None}
    minds, routing = None, dict[str, RoutingSummary]()
    if asks_models(state):
        async with await JournalReader.open(folder.journal) as reader:
            minds = await read_mind_records(reader, state.run_id, state.agreement.start_ms - 1, state.ts_ms)
            routing = await read_routing(reader, state.run_id, end_ms=state.ts_ms)
    board = leaderboard_answer(state, "all", leaderboard(state, minds), routing)
    return {
        "health": {"pid": None, "bot": folder.name, **facts, **known},
        "leaderboard": board.model_dump(mode="json"),
        "positions": list(positions_held(state)),
    }


def alerts_left(folder: BotFolder) -> list[dict[str, Any]]:
    """What nobody has acknowledged yet, as plain data, oldest first.

    Raises:
        NotRunning, JournalError, FoldError: See `state_left`.
    """
    return [each.model_dump(mode="json") for each in alerts_answer(state_left(folder))]

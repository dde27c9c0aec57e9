"""What `cockpit run` prints while it runs: what it is, and a leaderboard after every round."""

from collections.abc import Callable, Sequence

from rich.table import Table

from cockpit.arena.leaderboard import leaderboard
from cockpit.domain.events import Recorded, RoundClosed
from cockpit.domain.formats import clock, duration, money
from cockpit.report.columns import Preset
from cockpit.report.tables import leaderboard_table
from cockpit.trading.state import ArenaState


def opening_line(state: ArenaState) -> str:
    """Which run it is and how long the first leaderboard may take, before there is one."""
    run = state.agreement
    return (
        f"run {state.run_id}: {len(run.contestants)} agents on the {run.market} market, a round every"
        f" {duration(run.round_interval_ms)} of market time"
    )


def round_printer(
    state: ArenaState, show: Callable[[Table], None], preset: Preset = Preset.FULL
) -> Callable[[Sequence[Recorded]], None]:
    """A listener that prints the leaderboard whenever a round has closed.

    Args:
        state: The state that counts, which the events have already changed.
        show: Prints a table.
        preset: Which columns.
    """

    def listen(recorded: Sequence[Recorded]) -> None:
        for each in recorded:
            if isinstance(each.event, RoundClosed):
                limit = f" of {state.agreement.rounds_limit}" if state.agreement.rounds_limit else ""
                title = (
                    f"round {each.event.round}{limit}  {clock(each.ts_ms)}"
                    f"  equity {money(state.watch.equity)}"
                )
                show(leaderboard_table(leaderboard(state), title, preset))

    return listen

"""The state of a bot's newest run, out of its folder, whether the bot is running or not; writes nothing."""

from cockpit.daemon.folder import BotFolder
from cockpit.journal.codec import decode_state
from cockpit.journal.journal_end import journal_end
from cockpit.journal.reading import read_events, read_run
from cockpit.journal.snapshot import SnapshotStore
from cockpit.trading.fold import apply
from cockpit.trading.state import ArenaState


def newest_state(folder: BotFolder) -> ArenaState | None:
    """The state where the journal ends: the newest snapshot, if it is of the newest run, and what came since.

    Returns:
        Of the newest run, finished or not; None where there is no run.

    Raises:
        JournalError: If the journal can't be read.
        FoldError: If its events contradict each other.
    """
    started = read_run(folder.journal) if folder.journal.exists() else None
    if started is None:
        return None
    snapshot = SnapshotStore(folder.root).newest()
    is_of_run = snapshot is not None and snapshot.run_id == started.run_id
    state = ArenaState()
    if snapshot is not None and is_of_run and snapshot.seq <= journal_end(folder.journal).seq:
        state = decode_state(snapshot.state)
    for recorded in read_events(folder.journal, after_seq=state.seq, run_id=started.run_id):
        apply(state, recorded)
    return state

"""Which run a bot plays: its unfinished one, from the newest snapshot that can be trusted, or a new one."""

import json

from cockpit.arena.assembly import Parts
from cockpit.arena.coordinator import Coordinator
from cockpit.arena.opening import Past, begin, take_up
from cockpit.arena.pacing import Pacer
from cockpit.daemon.folder import BotFolder
from cockpit.domain.errors import REFUSED, CockpitError
from cockpit.domain.events import RunFinished
from cockpit.journal.codec import decode_state
from cockpit.journal.journal import Journal
from cockpit.journal.snapshot import LoadedSnapshot, SnapshotStore


class RunDiffers(CockpitError):
    """The unfinished run was started with other settings."""

    exit_code = REFUSED


async def run_to_play(
    folder: BotFolder, parts: Parts, journal: Journal, new: bool, run_id: str, pacer: Pacer
) -> tuple[Coordinator, str, tuple[str, ...]]:
    """A coordinator, what its state was recovered from, and what a person should know of that."""
    loaded = SnapshotStore(folder.root).load()
    last = journal.last_run()
    if new or last is None:
        return await begin(parts, journal, journal.last_seq, run_id, pacer), "", loaded.notices
    last_run_id, agreement = last
    past, notices = _past(journal, loaded, last_run_id)
    if past.state.finished or _finishes(journal, last_run_id, past.state.seq):
        return await begin(parts, journal, journal.last_seq, run_id, pacer), "", notices
    if agreement.settings_digest != parts.agreement.settings_digest:
        raise RunDiffers(
            f"the unfinished run {last_run_id} was started with other settings; "
            "start with the same ones, or begin a new run with --new"
        )
    coordinator, replayed = await take_up(parts, journal, past, pacer)
    return coordinator, f"{loaded.source or 'the journal alone'} and {replayed} events", notices


def _past(journal: Journal, loaded: LoadedSnapshot, run_id: str) -> tuple[Past, tuple[str, ...]]:
    """The newest run's past: from the snapshot if it is of that run, and the events since."""
    snapshot = loaded.snapshot
    if snapshot is None or snapshot.run_id != run_id or snapshot.seq > journal.last_seq:
        notices = loaded.notices
        if snapshot is not None and snapshot.seq > journal.last_seq:
            notices = (*notices, f"{loaded.source} is ahead of the journal and was passed over")
        return Past(events=journal.events(run_id=run_id)), notices
    past = Past(
        state=decode_state(snapshot.state),
        memories=json.loads(snapshot.agents),
        events=journal.events(after_seq=snapshot.seq, run_id=run_id),
    )
    return past, loaded.notices


def _finishes(journal: Journal, run_id: str, after_seq: int) -> bool:
    events = journal.events(after_seq=after_seq, run_id=run_id)
    return any(isinstance(recorded.event, RunFinished) for recorded in events)

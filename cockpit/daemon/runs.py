"""Which run a bot plays: its unfinished one, from the newest snapshot that can be trusted, or a new one."""

import json
from dataclasses import dataclass

from cockpit.arena.assembly import Parts
from cockpit.arena.coordinator import Coordinator
from cockpit.arena.opening import Past, begin, take_up
from cockpit.arena.pacing import Pacer
from cockpit.daemon.folder import BotFolder
from cockpit.domain.errors import NOT_RUNNING, REFUSED, CockpitError
from cockpit.domain.events import RunFinished
from cockpit.journal.codec import decode_state
from cockpit.journal.journal import Journal
from cockpit.journal.snapshot import LoadedSnapshot, SnapshotStore


class RunDiffers(CockpitError):
    """The unfinished run was started with other settings."""

    exit_code = REFUSED


class NothingUnfinished(CockpitError):
    """The bot has no run that could be gone on with."""

    exit_code = NOT_RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which run is to be played.

    Attributes:
        new: A new one even if there is an unfinished one.
        only_unfinished: None but an unfinished one.
        run_id: What a new one is called.
    """

    new: bool
    only_unfinished: bool
    run_id: str


async def run_to_play(
    folder: BotFolder, parts: Parts, journal: Journal, choice: Choice, pacer: Pacer
) -> tuple[Coordinator, str, tuple[str, ...]]:
    """A coordinator, what its state was recovered from, and what a person should know of that.

    Raises:
        NothingUnfinished: If there is no unfinished run, and none is to be begun.
        RunDiffers: If the unfinished run has other settings.
    """
    loaded = SnapshotStore(folder.root).load()
    last = journal.last_run()
    if choice.new or last is None:
        return await _new_run(parts, journal, choice, pacer), "", loaded.notices
    last_run_id, agreement = last
    past, notices = _past(journal, loaded, last_run_id)
    if past.state.finished or _finishes(journal, last_run_id, past.state.seq):
        return await _new_run(parts, journal, choice, pacer), "", notices
    if agreement.settings_digest != parts.agreement.settings_digest:
        raise RunDiffers(
            f"the unfinished run {last_run_id} was started with other settings; "
            "start with the same ones, or begin a new run with --new"
        )
    coordinator, replayed = await take_up(parts, journal, past, pacer)
    return coordinator, f"{loaded.source or 'the journal alone'} and {replayed} events", notices


async def _new_run(parts: Parts, journal: Journal, choice: Choice, pacer: Pacer) -> Coordinator:
    if choice.only_unfinished:
        raise NothingUnfinished("the bot has no unfinished run: no order works, and nothing is held")
    return await begin(parts, journal, journal.last_seq, choice.run_id, pacer)


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

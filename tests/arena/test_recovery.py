"""A run that was killed goes on as if it never had been."""

from copy import deepcopy

import msgspec
import pytest

from cockpit.arena.opening import Past
from cockpit.arena.recovery import RecoveryError
from cockpit.domain.events import BotStarted, RoundOpened
from cockpit.journal.codec import encode_state
from cockpit.trading.state import ArenaState
from tests.arena.conftest import parts_of

ROUNDS = 40
FLAGS = {"arena": {"rounds": ROUNDS}, "market": {"symbols": ["BTC", "SOL"], "speed": "max"}}

CALM = ((50_000.0,) * 4, (2_000.0,) * 4)


class PulledPlug(BaseException):
    """The process is gone, with whatever it was about to do."""


async def run_until(coordinator, seq):
    """Runs an arena, and drops it dead with the commit that reaches an event."""

    is_plugged = True

    def pull(recorded):
        nonlocal is_plugged
        if is_plugged and recorded[-1].seq >= seq:
            is_plugged = False
            raise PulledPlug

    coordinator.recorder.listen(pull)
    with pytest.raises(PulledPlug):
        await coordinator.run()


def facts(journal, run_id="run-1"):
    return [
        (each.ts_ms, each.event)
        for each in journal.events(run_id=run_id)
        if not isinstance(each.event, BotStarted)
    ]


@pytest.fixture
async def uninterrupted(stage):
    coordinator = await stage.begin(parts_of(FLAGS), run_id="whole")
    await coordinator.run()
    return facts(stage.journal, "whole")


@pytest.mark.parametrize("fraction", [0.05, 0.3, 0.61, 0.98])
async def test_without_a_snapshot_the_journal_alone_brings_the_run_back(stage, uninterrupted, fraction):
    parts = parts_of(FLAGS)
    coordinator = await stage.begin(parts)
    await run_until(coordinator, stage.journal.last_seq + int(fraction * len(uninterrupted)))
    past = Past(events=stage.journal.events(run_id="run-1"))
    again = await stage.take_up(parts_of(FLAGS), past)
    assert encode_state(again.recorder.committed) == encode_state(coordinator.recorder.committed)
    await again.run()
    assert facts(stage.journal) == uninterrupted


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.9])
async def test_with_a_snapshot_only_the_events_since_are_relived(stage, uninterrupted, fraction):
    parts = parts_of(FLAGS)
    coordinator = await stage.begin(parts)
    first_seq = stage.journal.last_seq
    await run_until(coordinator, first_seq + int(fraction * 0.7 * len(uninterrupted)))
    state = deepcopy(coordinator.recorder.committed)
    memories = {name: agent.memory() for name, agent in parts.agents.items()}
    await run_until(coordinator, first_seq + int(fraction * len(uninterrupted)))
    past = Past(
        state=state,
        memories={name: msgspec.json.decode(memory) for name, memory in memories.items()},
        events=stage.journal.events(after_seq=state.seq, run_id="run-1"),
    )
    again = await stage.take_up(parts_of(FLAGS), past)
    await again.run()
    assert facts(stage.journal) == uninterrupted


@pytest.mark.parametrize("age", ["none", "oldest", "amid the silence", "newest"])
def test_after_a_silence_longer_than_what_is_read_again_the_next_view_still_has_its_hash(theatre, age):
    stage = theatre(history_bars=5)
    stage.calm(2)
    stage.control("kill", "a person", flatten=True)
    stage.calm(9)
    amid = stage.commits[-2]
    stage.control("unkill", "a person")
    stage.calm()
    snapshot_seq = {"none": None, "oldest": stage.commits[0], "amid the silence": amid}
    stage.restart(CALM, snapshot_seq=snapshot_seq.get(age, stage.commits[-1]))
    stage.calm(2)
    stage.restart(CALM, snapshot_seq=snapshot_seq.get(age))
    opened = [event.view_hash for event in stage.events(RoundOpened)]
    assert len(opened) == len(set(opened)) == 8
    assert stage.state.view_hash == opened[-1]


async def test_a_market_that_says_something_else_than_the_journal_is_refused(stage):
    coordinator = await stage.begin(parts_of(FLAGS))
    await run_until(coordinator, 200)
    other = FLAGS | {"market": FLAGS["market"] | {"seed": 8}}
    with pytest.raises(RecoveryError, match=r"does not repeat what event \d+ of the journal says.*--new"):
        await stage.take_up(
            parts_of(other), Past(state=ArenaState(), events=stage.journal.events(run_id="run-1"))
        )


async def test_the_same_seed_gives_the_same_events(stage):
    for run_id in ("first", "second"):
        coordinator = await stage.begin(parts_of(FLAGS), run_id=run_id)
        await coordinator.run()
    assert facts(stage.journal, "first") == facts(stage.journal, "second")


async def test_another_seed_gives_other_events(stage):
    for run_id, seed in (("first", 1), ("second", 2)):
        flags = FLAGS | {"market": FLAGS["market"] | {"seed": seed}}
        coordinator = await stage.begin(parts_of(flags), run_id=run_id)
        await coordinator.run()
    assert facts(stage.journal, "first") != facts(stage.journal, "second")

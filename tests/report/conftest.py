"""Sessions to report on: a small one told by hand, and runs of the real arena."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from cockpit.arena.assembly import Parts, assemble
from cockpit.arena.coordinator import Coordinator
from cockpit.arena.opening import Past, begin, take_up
from cockpit.arena.pacing import Pacer
from cockpit.domain.decisions import FailureKind
from cockpit.domain.events import BotStarted, BotStopped, FundingPaid, Recorded
from cockpit.journal.journal import Journal
from cockpit.report.collector import collect_session
from cockpit.report.session import Session
from cockpit.settings.resolve import resolve
from tests.report.story import SYMBOL, Story, micros


def told() -> Story:
    """Alice is long and wrong, bob is short and right; $1,000 each, fees 0.1 %, lots of 0.01 BTC."""
    story = Story()
    story.step(100)
    story.decide("alice", 0.8, "it rises")
    story.fail("bob", "no answer within 10 s", FailureKind.TIMEOUT)
    story.round()
    story.trade("alice", 500, 100.0, slippage=0.25)  # $500, fee $0.50
    story.rounds([110, 90])  # alice: 1,049.50, then 949.50
    story.trade("alice", -500, 95.0)  # realizes −$25, fee $0.475
    story.decide("bob", 0.25, "it falls", exposure=-1.0)
    story.trade("bob", -200, 90.0)  # $180, fee $0.18
    story.rounds([95])  # bob: 989.82
    story.tell(FundingPaid(agent="bob", symbol=SYMBOL, rate=0.0001, paid=micros(0.05)))
    story.trade("bob", 200, 80.0, slippage=-0.02)  # realizes $20, fee $0.16
    story.rounds([80])
    return story


@pytest.fixture
def story() -> Story:
    return told()


@pytest.fixture
def session(story: Story) -> Session:
    return collect_session(story.events)


@dataclass(slots=True)
class Bench:
    """A folder in which arenas run, as a bot has one: journal and results."""

    root: Path

    @property
    def journal(self) -> Path:
        return self.root / "journal.sqlite"

    @property
    def results(self) -> Path:
        return self.root / "results"

    def run(self, *, rounds: int, seed: int = 7, bot: str = "arena", killed_at: Sequence[int] = ()) -> None:
        """A whole run; a process dies after each of so many steps, and the next takes the run up."""
        asyncio.run(self._run(rounds, seed, bot, killed_at))

    async def _run(self, rounds: int, seed: int, bot: str, killed_at: Sequence[int]) -> None:
        for process, steps in enumerate([*killed_at, None]):
            journal = Journal.open(self.journal)
            try:
                parts = assemble(_settings(rounds, seed), bot)
                coordinator = await self._coordinator(parts, journal, f"run-of-{bot}")
                await _live(coordinator, process, steps)
            finally:
                journal.close()

    async def _coordinator(self, parts: Parts, journal: Journal, run_id: str) -> Coordinator:
        pacer = Pacer(speed=None, monotonic=time.monotonic)
        if journal.last_seq == 0:
            return await begin(parts, journal, 0, run_id, pacer)
        coordinator, _ = await take_up(parts, journal, Past(events=journal.events()), pacer)
        return coordinator


async def _live(coordinator: Coordinator, process: int, steps: int | None) -> None:
    """One process: it announces itself, and dies after so many steps, or leaves in good order."""
    recorder = coordinator.recorder
    recorder.emit(BotStarted(wall_ms=1_800_000_000_000 + process, recovered_from=f"process {process}"))
    await recorder.commit()
    left = steps
    arena = asyncio.create_task(coordinator.run())

    def count(recorded: Sequence[Recorded]) -> None:
        nonlocal left
        if left is not None:
            left -= 1
            if left == 0:
                arena.cancel()

    recorder.listen(count)
    with suppress(asyncio.CancelledError):
        await arena
    if steps is None:
        recorder.emit(BotStopped(wall_ms=1_800_000_009_999, reason="the run is finished"))
        await recorder.commit()


def _settings(rounds: int, seed: int) -> object:
    flags = {"arena": {"rounds": rounds}, "market": {"seed": seed, "speed": "max"}}
    return resolve(environment={}, flags=flags).settings


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory):
    """A new folder, whenever it is called."""
    return lambda: Bench(tmp_path_factory.mktemp("bot"))


@pytest.fixture(scope="session")
def finished(bench) -> Bench:
    """A run of 40 rounds by the default arena."""
    folder = bench()
    folder.run(rounds=40)
    return folder

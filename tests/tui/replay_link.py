"""A bot that lives in a list of events: what a dashboard asks of it happens as a real one does it."""

import asyncio
import atexit
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from shutil import copy, rmtree
from tempfile import mkdtemp
from typing import Any
from weakref import finalize

from cockpit.agents.models.budget import BudgetStanding
from cockpit.arena.leaderboard import leaderboard
from cockpit.arena.roster import RosterModel, StrategyUse
from cockpit.daemon.api_costs import costs_answer
from cockpit.daemon.api_library import models_answer, strategies_answer
from cockpit.daemon.api_risk import risk_answer
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.journal_answers import JournalAnswers
from cockpit.domain.events import (
    ARENA,
    AlertAcknowledged,
    BotStopped,
    BreakerReset,
    DebateAsked,
    DebateHeld,
    EmergencyAdvanced,
    EmergencyStage,
    Event,
    KillSwitchSet,
    ModelCalled,
    PauseSet,
    Recorded,
    TradingMode,
    TradingModeSet,
)
from cockpit.journal.call_views import read_costs
from cockpit.journal.journal import Journal
from cockpit.journal.library_views import read_model_figures
from cockpit.journal.views import JournalReader
from cockpit.trading.fold import apply
from cockpit.trading.risk import RiskLimits
from cockpit.trading.state import ArenaState
from cockpit.tui.answers import limits_of
from cockpit.tui.link import Answer, CommandRefused, LinkLost, Message, OutageNotice, Said, Words


@lru_cache(1)
def _empty_journal() -> Path:
    """A journal without an event: its tables are made once."""
    folder = Path(mkdtemp())
    atexit.register(rmtree, folder)
    path = folder / "journal.sqlite"
    Journal.open(path).close()
    return path


@dataclass(slots=True, weakref_slot=True)
class ReplayLink:
    """A `BotLink` over recorded events; commands append the events a bot would.

    Attributes:
        events: What the bot's journal holds.
        running: Whether its process lives.
        answering: Whether it answers.
        sent: Every command: path and body.
        refuses: What it says to commands, if it says no.
        allowed: Agent → what the risk gate allows it, where that is not what paper allows.
        read: What it was asked to read: ``limits``, ``profiles``, and paths of the control API.
        models: What it knows of models.
        strategy_uses: Who runs which strategy.
        budgets: Where budgets for models stand.
        day: The present one, in days since the epoch: what is spent on it is spent today.
        busy: Whether a round is in progress: commands are taken, and `finish_round` carries them out.
    """

    events: list[Recorded]
    running: bool = True
    answering: bool = True
    bot: str = "arena"
    sent: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    refuses: str = ""
    busy: bool = False
    start_fails: str = ""
    outages: list[str | None] = field(default_factory=list)
    words: list[Words | Said] = field(default_factory=list)
    day: int = 0
    attached: int = 0
    allowed: dict[str, RiskLimits] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    models: Sequence[RosterModel] = ()
    strategy_uses: Mapping[str, Sequence[StrategyUse]] = field(default_factory=dict)
    budgets: Mapping[str | None, BudgetStanding] = field(default_factory=dict)
    _taken: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _state: ArenaState = field(default_factory=ArenaState)
    _folder: Path | None = None
    _journaled: int = 0

    def is_running(self) -> bool:
        return self.running

    async def attach(self) -> ArenaState:
        self._check()
        self.attached += 1
        for recorded in self.events[self._state.seq :]:
            apply(self._state, recorded)
        return deepcopy(self._state)

    async def messages(self, since: int) -> AsyncIterator[Message]:
        at = since
        told = heard = 0
        while True:
            self._check()
            self._news.clear()
            while at < len(self.events):
                yield self.events[at]
                at += 1
            while told < len(self.outages):
                yield OutageNotice(self.outages[told])
                told += 1
            while heard < len(self.words):
                yield self.words[heard]
                heard += 1
            await self._news.wait()

    async def limits(self) -> Mapping[str, RiskLimits]:
        self._check()
        self.read.append("limits")
        allowed = {name: self.allowed.get(name, RiskLimits()) for name in self._state.agents}
        return limits_of(risk_answer(self._state, allowed).model_dump(mode="json"))

    async def look_up(self, path: str, **params: str | int | None) -> Any:
        if self.running:
            self._check()
        given = {name: value for name, value in params.items() if value is not None}
        self.read.append(path if "before" not in given else f"{path} before {given['before']}")
        if path == "/models":
            figures = await self._of_run(read_model_figures)
            return [each.model_dump(mode="json") for each in models_answer(self.models, figures)]
        if path == "/strategies":
            answer = strategies_answer(self.strategy_uses, leaderboard(self._state))
            return [each.model_dump(mode="json") for each in answer]
        if path == "/costs":
            return costs_answer(await self._costs(), self._state, self.budgets).model_dump(mode="json")
        folder = BotFolder((await self.journal()).parent)
        return await JournalAnswers(folder, lambda: None, lambda: 0).get(path, **given)

    async def _costs(self) -> Mapping[str, Any]:
        """What models cost; where none was asked, no journal is written for it."""
        if not any(isinstance(each.event, ModelCalled) for each in self.events):
            return {"day": self.day, "seq": len(self.events), "agents": [], "models": []}
        return await self._of_run(lambda reader, _: read_costs(reader, self.day, len(self.events)))

    async def _of_run(self, read: Callable[[JournalReader, str], Awaitable[Any]]) -> Any:
        async with await JournalReader.open(await self.journal()) as reader:
            return await read(reader, self._state.run_id)

    async def journal(self) -> Path:
        """A journal that holds the events so far; it is written whoever stops waiting for it."""
        return await asyncio.shield(self._write_journal())

    async def _write_journal(self) -> Path:
        async with self._writing:
            return await self._written()

    async def _written(self) -> Path:
        path = self._own_folder() / "journal.sqlite"
        if not path.exists():
            copy(_empty_journal(), path)
        journal = Journal.open(path)
        try:
            fresh = self.events[self._journaled :]
            for (run_id, ts_ms), group in groupby(fresh, key=lambda each: (each.run_id, each.ts_ms)):
                await journal.commit(run_id, ts_ms, [each.event for each in group])
            self._journaled = len(self.events)
        finally:
            journal.close()
        return path

    def copied(self) -> "ReplayLink":
        """Another bot with the same past."""
        other = ReplayLink(events=list(self.events), _journaled=self._journaled)
        if self._folder is not None:
            copy(self._folder / "journal.sqlite", other._own_folder())
        return other

    def _own_folder(self) -> Path:
        if self._folder is None:
            self._folder = Path(mkdtemp())
            finalize(self, rmtree, self._folder)
        return self._folder

    async def facts(self) -> Mapping[str, object]:
        self._check()
        return {"pid": 4242, "healthy": True, "uptime_s": 12.5}

    async def send(self, path: str, **body: object) -> Answer:
        self._check()
        if self.refuses:
            raise CommandRefused(self.refuses)
        self.sent.append((path, body))
        if self.busy:
            self._taken.append((path, body))
            return Answer(done=False, message=f"after the round in progress: {path} is done")
        self._carry_out(path, body)
        if path == "/stop":
            return Answer(done=False, message="the bot arena (pid 4242) ends after the round in progress")
        if path == "/debates":
            return Answer(done=False, message=f"debate {self.next_debate_id - 1} begins")
        return Answer(done=True, message=f"{path} is done")

    def finish_round(self) -> None:
        """Carries out what was taken meanwhile."""
        self.busy = False
        taken, self._taken = self._taken, []
        for path, body in taken:
            self._carry_out(path, body)

    def _carry_out(self, path: str, body: Mapping[str, object]) -> None:
        event = self._consequence(path, body)
        if event is not None:
            self.happen([event])
        if path == "/stop":
            self.die()

    async def start(self) -> None:
        if self.start_fails:
            raise CommandRefused(self.start_fails)
        self.sent.append(("start", {}))
        self.running = self.answering = True

    async def close(self) -> None:
        return None

    def happen(self, events: Iterable[Event], ts_ms: int | None = None) -> None:
        """Appends events to the bot's journal, and sends them to whoever listens."""
        last = self.events[-1]
        for event in events:
            at_ms = last.ts_ms if ts_ms is None else ts_ms
            self.events.append(Recorded(len(self.events) + 1, at_ms, last.run_id, event))
        self._news.set()

    def go_on(self, events: Sequence[Recorded]) -> None:
        """Lets recorded events happen."""
        self.events += events
        self._news.set()

    def outage(self, reason: str | None) -> None:
        """Says that the journal is out, or back."""
        self.outages.append(reason)
        self._news.set()

    def die(self) -> None:
        """Ends the bot's process."""
        self.running = self.answering = False
        self._news.set()

    def hang(self) -> None:
        """Lets the bot live, but answer no more."""
        self.answering = False
        self._news.set()

    def _check(self) -> None:
        if not self.answering:
            raise LinkLost("no bot answers")

    @property
    def next_debate_id(self) -> int:
        """Of the debate that is held or asked for next."""
        asked = sum(isinstance(each.event, DebateAsked) for each in self.events)
        held = sum(isinstance(each.event, DebateHeld) and not each.event.asked for each in self.events)
        return 1 + asked + held

    def _consequence(self, path: str, body: Mapping[str, Any]) -> Event | None:
        by = "the dashboard"
        if path == "/debates":
            return DebateAsked(debate_id=self.next_debate_id, by=by, **body)
        events: dict[str, Event] = {
            "/pause": PauseSet(on=True, by=by),
            "/resume": PauseSet(on=False, by=by),
            "/kill": KillSwitchSet(on=True, by=by),
            "/unkill": KillSwitchSet(on=False, by=by),
            "/stop": BotStopped(wall_ms=0, reason="asked to"),
        }
        if path == "/mode":
            return TradingModeSet(mode=TradingMode(str(body["mode"])), by=by)
        if path.startswith("/alerts/"):
            return AlertAcknowledged(alert=int(path.split("/")[2]), by=by)
        if path == "/kill" and body["flatten"]:
            return EmergencyAdvanced(stage=EmergencyStage.CANCELING, by=by, attempt=1, detail="2 orders left")
        if path.startswith("/breakers/"):
            return BreakerReset(scope=str(body.get("scope", ARENA)), breaker=path.split("/")[2], by=by)
        return events.get(path)

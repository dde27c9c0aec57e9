"""A running bot: the arena with its journal, snapshots and controls, from opening to the last word."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from cockpit.agents.models.budget import BudgetStanding
from cockpit.agents.models.model_call import CallFailed
from cockpit.arena.assembly import Parts
from cockpit.arena.coordinator import Coordinator
from cockpit.arena.notices import notices_of
from cockpit.arena.pacing import Pacer
from cockpit.arena.reconciliation import Reconciliation, reconcile
from cockpit.arena.roster import RosterModel, StrategyUse, model_uses, roster, roster_of, strategy_uses
from cockpit.daemon.consent import Consent, consented
from cockpit.daemon.course import Course
from cockpit.daemon.enrolment import enrolled
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.profile_changes import ProfileChange
from cockpit.daemon.profile_desk import ProfileDesk
from cockpit.daemon.runs import Choice, run_to_play
from cockpit.daemon.saving import SnapshotSaver
from cockpit.domain.debates import DebateMessage
from cockpit.domain.events import (
    BotStarted,
    BotStopped,
    EmergencyStage,
    KillSwitchSet,
    Recorded,
    TradingMode,
)
from cockpit.journal.call_costs import read_call_costs
from cockpit.journal.journal import Journal
from cockpit.journal.ledger import Ledger, read_ledgers
from cockpit.settings.tree import Settings
from cockpit.settings.venue_tree import fill_model
from cockpit.trading.risk import RiskLimits
from cockpit.trading.state import ArenaState

LAST_WORD_GRACE_S = 3.0
"""How long a stop waits for a journal that can't be written."""

_LOG = logging.getLogger(__name__)


class Bot:
    """One bot of one state folder; see `BotControl` for what its API may ask of it.

    Use `Bot.open`, then `run`, then `close`.
    """

    def __init__(
        self,
        folder: BotFolder,
        settings: Settings,
        journal: Journal,
        coordinator: Coordinator,
        parts: Parts,
        started_ms: int,
    ) -> None:
        self.folder = folder
        self._minds = parts.minds
        self.speed = settings.market.speed
        self.limits: Mapping[str, RiskLimits] = parts.limits
        self.margin_terms = fill_model(settings.venue, settings.market.seed).margin_terms
        self.strategy_uses: Mapping[str, Sequence[StrategyUse]] = strategy_uses(settings)
        self.started_ms = started_ms
        self.notices: tuple[str, ...] = ()
        self.journal = journal
        self.coordinator = coordinator
        self._wall_offset_s = started_ms / 1000 - time.monotonic()
        self.settings = settings
        self._saver = SnapshotSaver(folder.root, coordinator)
        self._profiles = ProfileDesk(
            journal=folder.journal, keep=coordinator.controls.keep, wall_ms=self._wall_ms
        )
        self._course = Course(coordinator, self._models_ready)

    @classmethod
    async def open(
        cls,
        folder: BotFolder,
        settings: Settings,
        *,
        new: bool,
        run_id: str,
        wall_ms: int,
        only_unfinished: bool = False,
        by_hand: bool = False,
        consent: Consent = Consent.MISSING,
    ) -> "Bot":
        """Takes up the folder's unfinished run, or begins a new one where there is none or `new` says so.

        Args:
            folder: Where the bot keeps its things; must be locked by the caller.
            settings: Resolved.
            new: Begin a new run even if there is an unfinished one.
            run_id: What a new run is called.
            wall_ms: Now, UTC milliseconds.
            only_unfinished: Begin no run at all.
            by_hand: The settings' agents are all who compete: no trader's profile enters a new run.
            consent: What a person has said of the cost of asking models about recorded candles.

        Raises:
            ConfigInvalid, AllocationError: If the settings don't make an arena, or its treasury is too small.
            CostNotAccepted: If models would be asked about recorded candles, and nobody has said yes.
            NothingUnfinished, RunDiffers: See `run_to_play`.
            RecoveryError, FoldError, JournalError: If the journal can't be opened or does not fit the market.
        """
        start_list = enrolled(settings, folder, new=new, by_hand=by_hand)
        settings, parts = start_list.settings, start_list.parts
        cost_accepted = consented(folder, settings, parts, consent, new=new)
        journal = Journal.open(folder.journal)
        try:
            pacer = Pacer(speed=settings.market.speed, monotonic=time.monotonic)
            choice = Choice(new=new, only_unfinished=only_unfinished, run_id=run_id)
            if parts.minds is not None:
                parts.minds.switchboard.open(folder.root, read_call_costs(folder.journal))
            coordinator, source, notices = await run_to_play(folder, parts, journal, choice, pacer)
            bot = cls(folder, settings, journal, coordinator, parts, wall_ms)
            told = (*notices_of(settings, parts), *start_list.notices, *notices)
            await bot._announce(source, told, settings, cost_accepted=cost_accepted)
        except BaseException:
            journal.close()
            if parts.minds is not None:
                await parts.minds.switchboard.aclose()
            raise
        return bot

    @property
    def state(self) -> ArenaState:
        """The state that counts."""
        return self.coordinator.recorder.committed

    @property
    def outage(self) -> str | None:
        """Why the journal can't be written now; None when it can."""
        outage = self.coordinator.recorder.outage
        return None if outage is None else outage.reason

    @property
    def models(self) -> tuple[RosterModel, ...]:
        """See `BotControl`."""
        if self._minds is None:
            return roster_of(self.settings)
        line = self._minds.switchboard
        return roster(model_uses(self.settings), line.facts, line.benched_for_s)

    @property
    def budgets(self) -> Mapping[str | None, BudgetStanding]:
        """See `BotControl`."""
        return {} if self._minds is None else self._minds.switchboard.budgets

    def listen(self, listener: Callable[[Sequence[Recorded]], None]) -> None:
        """See `BotControl`."""
        self.coordinator.recorder.listen(listener)

    def listen_words(self, listener: Callable[[str, str, str], None]) -> None:
        """See `BotControl`."""
        if self._minds is not None:
            self._minds.listen(listener)

    def listen_said(self, listener: Callable[[str, DebateMessage], None]) -> None:
        """See `BotControl`."""
        if self._minds is not None:
            self._minds.listen_said(listener)

    async def pause(self, by: str) -> None:
        """See `BotControl`."""
        await self.coordinator.controls.pause(by)

    async def resume(self, by: str) -> None:
        """See `BotControl`."""
        await self.coordinator.controls.resume(by)

    async def kill(self, by: str, *, flatten: bool) -> None:
        """See `BotControl`."""
        await self.coordinator.controls.kill(by, flatten=flatten)

    async def unkill(self, by: str) -> None:
        """See `BotControl`."""
        await self.coordinator.controls.unkill(by)

    async def set_mode(self, mode: TradingMode, by: str) -> None:
        """See `BotControl`."""
        await self.coordinator.controls.set_mode(mode, by)

    async def debate(self, *, symbol: str, agent: str | None, execute: bool, by: str) -> int:
        """See `BotControl`."""
        return await self.coordinator.controls.debate(symbol=symbol, agent=agent, execute=execute, by=by)

    async def acknowledge(self, alert: int, by: str) -> None:
        """See `BotControl`."""
        await self.coordinator.controls.acknowledge(alert, by)

    async def change_profile(self, change: ProfileChange, by: str) -> None:
        """See `BotControl`."""
        await self._profiles.change(change, by)

    async def reset_breaker(self, breaker: str, scope: str, by: str) -> None:
        """See `BotControl`."""
        await self.coordinator.controls.reset_breaker(breaker, scope, by)

    async def reconcile(self) -> tuple[Reconciliation, ...]:
        """See `BotControl`. The accounts, and the journal's fills up to the same event."""
        state = self.state
        held = {name: (agent.account, agent.unsynced) for name, agent in state.agents.items()}
        instruments = {each.symbol: each for each in state.agreement.instruments}
        path, run_id, seq = self.folder.journal, state.run_id, state.seq
        ledgers = await asyncio.to_thread(read_ledgers, path, run_id, seq)
        return tuple(
            reconcile(account, ledgers.get(name, Ledger()), instruments, unsynced)
            for name, (account, unsynced) in held.items()
        )

    async def sync(self, found: Sequence[Reconciliation], by: str) -> None:
        """See `BotControl`."""
        await self.coordinator.controls.sync(found, by)

    async def begin_emergency(self, by: str) -> None:
        """Begins an emergency stop, unless one is under way: that one goes on by itself."""
        if self.state.emergency in {None, EmergencyStage.HALTED}:
            await self.kill(by, flatten=True)

    def request_stop(self, *, now: bool, flatten: bool) -> None:
        """See `BotControl`, and `Course.request_stop`."""
        self._course.request_stop(now=now, flatten=flatten)

    async def run(self) -> str:
        """Runs until the run is finished or a stop was requested; says which, in words."""
        return await self._course.run()

    async def attend(self, errand: Callable[[], Awaitable[None]]) -> str:
        """Carries something out while market time stands still; see `Course.attend`."""
        return await self._course.attend(errand)

    async def _models_ready(self) -> None:
        if self._minds is None:
            return
        try:
            await self._minds.switchboard.ready()
        except CallFailed as failed:  # whoever asks a model is told the same, and nobody else minds
            _LOG.warning("%s", failed)

    async def close(self, reason: str) -> None:
        """Journals the end, saves the last snapshot and lets everything go."""
        await self._leave_debates()
        recorder = self.coordinator.recorder
        recorder.abandon()
        self.coordinator.debates.abandon("the bot was stopped")
        recorder.emit(BotStopped(wall_ms=self._wall_ms(), reason=reason))
        last_word = asyncio.create_task(recorder.commit(), name="last word")
        await asyncio.wait({last_word}, timeout=LAST_WORD_GRACE_S)
        if not last_word.done():
            _LOG.warning("the journal can't be written; the stop is not in it")
            last_word.cancel()
        await self._saver.aclose()
        for agent in self.coordinator.agents.values():
            agent.close()
        if self._minds is not None:
            await self._minds.switchboard.aclose()
        self.journal.close()

    async def _leave_debates(self) -> None:
        """What one of them is just telling is told whole, unless the journal can't be written."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.coordinator.between_steps.acquire(), LAST_WORD_GRACE_S)
            self.coordinator.between_steps.release()
        await self.coordinator.debates.aclose()

    async def _announce(
        self, source: str, notices: tuple[str, ...], settings: Settings, *, cost_accepted: bool
    ) -> None:
        self.notices = notices
        recorder = self.coordinator.recorder
        recorder.emit(
            BotStarted(
                wall_ms=self.started_ms,
                recovered_from=source,
                notices=notices,
                cost_accepted=cost_accepted,
            )
        )
        if not settings.trading.enabled and not self.state.killed:
            recorder.emit(KillSwitchSet(on=True, by="settings"))
        await recorder.commit()

    def _wall_ms(self) -> int:
        return round((self._wall_offset_s + time.monotonic()) * 1000)

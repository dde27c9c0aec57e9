"""The loop of an arena: market steps come in, orders are filled, rounds are held, everything is recorded."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from cockpit.agents.agent import Agent
from cockpit.arena.acting import act_on
from cockpit.arena.asked_debates import AskedDebates
from cockpit.arena.controls import Controls
from cockpit.arena.emergency import EmergencyStop
from cockpit.arena.executions import settle_funding
from cockpit.arena.order_desk import OrderDesk
from cockpit.arena.pacing import Pacer
from cockpit.arena.recorder import Recorder
from cockpit.arena.requests import RequestQueue
from cockpit.arena.rounds import Question, account_view, ask_all, asked_in
from cockpit.arena.rules import Rules
from cockpit.arena.safeguards import Safeguards
from cockpit.arena.tape import Tape
from cockpit.arena.thoughts import tell_thoughts
from cockpit.domain.decisions import DecisionFailure
from cockpit.domain.events import (
    DecisionFailed,
    EmergencyStage,
    RoundClosed,
    RoundOpened,
    RunFinished,
)
from cockpit.markets.market import MarketStep
from cockpit.trading.state import ArenaState


@dataclass(slots=True, kw_only=True)
class Coordinator:
    """Runs an arena until its run is finished or it is stopped.

    Attributes:
        recorder: Where events go.
        desk: Where orders go.
        tape: What the market has said.
        steps: What it will say.
        agents: By name, in start-list order.
        pacer: How fast market time passes.
        rules: How the arena trades.
        controls: What people can ask of it.
        debates: Those that they ask for.
    """

    recorder: Recorder
    desk: OrderDesk
    tape: Tape
    steps: AsyncIterator[MarketStep]
    agents: Mapping[str, Agent]
    pacer: Pacer
    rules: Rules
    controls: Controls = field(init=False)
    debates: AskedDebates = field(init=False)
    _emergency: EmergencyStop = field(init=False)
    _safeguards: Safeguards = field(init=False)
    _lock: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)
    _may_run: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    _hurry: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    _requests: RequestQueue = field(init=False)
    _is_torn: bool = field(init=False, default=False)
    _winding_down: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._requests = RequestQueue(recorder=self.recorder)
        self._emergency = EmergencyStop(recorder=self.recorder, desk=self.desk)
        self._safeguards = Safeguards(
            recorder=self.recorder, desk=self.desk, tape=self.tape, rules=self.rules
        )
        self.debates = AskedDebates(
            recorder=self.recorder,
            desk=self.desk,
            tape=self.tape,
            agents=self.agents,
            rules=self.rules,
            carry_out=self._carry_out,
            inaction=self._inaction,
        )
        self.controls = Controls(
            recorder=self.recorder,
            desk=self.desk,
            emergency=self._emergency,
            debates=self.debates,
            carry_out=self._carry_out,
        )
        self._let_time_pass()

    @property
    def _state(self) -> ArenaState:
        return self.recorder.draft

    async def run(self) -> None:
        """Takes the market's steps one by one until the run is finished.

        Cancelled between two steps it leaves nothing half done; cancelled within one, the step is
        abandoned: none of its events counts.
        """
        interval_ms = self._state.agreement.market_interval_ms
        while not self._state.finished:
            await self._next_step_is_due(interval_ms)
            if not self._may_run.is_set():
                await self._may_run.wait()
                self.pacer.restart()
            step = await anext(self.steps, None)
            async with self._lock:
                await self._whole(self._take(step))

    @property
    def is_torn(self) -> bool:
        """Whether a step was abandoned: agents may then remember what never counted."""
        return self._is_torn

    @property
    def between_steps(self) -> asyncio.Lock:
        """Whoever holds this finds nothing half done: the loop waits before its next step."""
        return self._lock

    async def wind_down(self, by: str) -> None:
        """Cancels every order, closes every position reduce-only, and holds no more rounds.

        Market time goes on if it was paused, since positions are closed on the next bars.
        """
        self._winding_down = True
        await self.controls.flatten_all(by)

    @property
    def flat(self) -> bool:
        """Whether no agent has a position or a working order."""
        agents = self.recorder.committed.agents.values()
        return not any(agent.account.positions or agent.working for agent in agents)

    async def _carry_out(self, change: Callable[[], None]) -> None:
        # A round in progress takes requests up before it places orders, so a kill does not wait for it.
        request = self._requests.add(change)
        async with self._lock:
            await self._whole(self._take_requests_alone())
        if request.failure is not None:
            raise request.failure

    async def _take_requests_alone(self) -> None:
        self._take_requests()

    async def _whole(self, step: Coroutine[Any, Any, None]) -> None:
        """Carries a step out and commits it; of a step that is not carried out whole, nothing counts."""
        try:
            await step
            await self.recorder.commit()
        except BaseException:
            self.recorder.abandon()
            self._requests.put_back()
            self._is_torn = True
            raise
        self._requests.forget()

    async def _take(self, step: MarketStep | None) -> None:
        if step is None:
            self._finish("the market's data came to its end")
        else:
            await self._advance(step)

    async def _next_step_is_due(self, interval_ms: int) -> None:
        """Waits as long as the pacer says, but not while everything is to be closed."""
        if self.pacer.speed is None or self._hurry.is_set():
            await asyncio.sleep(0)
            return
        due = asyncio.ensure_future(self.pacer.wait(interval_ms))
        hurried = asyncio.ensure_future(self._hurry.wait())
        try:
            await asyncio.wait({due, hurried}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            due.cancel()
            hurried.cancel()

    def _take_requests(self) -> None:
        self._requests.take()
        self._let_time_pass()

    def _let_time_pass(self) -> None:
        """Time stands still while paused, unless everything is to be closed: then it has no time to lose.

        For what an emergency stop could not close, time goes on at its pace.
        """
        if self._winding_down or self._emergency.is_under_way:
            self._hurry.set()
        else:
            self._hurry.clear()
        if self._state.paused and not self._hurry.is_set() and not self._state.emergency_left:
            self._may_run.clear()
        else:
            self._may_run.set()

    async def _advance(self, step: MarketStep) -> None:
        self.recorder.now_ms = step.ts_ms
        self.tape.append(step)
        self.desk.fill(self.tape.bars(step))
        self.recorder.emit(self.tape.advance(self._state, step))
        if step.funding_rates is not None:
            symbols = (instrument.symbol for instrument in self.tape.instruments)
            settle_funding(self.recorder, dict(zip(symbols, step.funding_rates, strict=True)))
        self._take_requests()
        self._safeguards.heed(is_winding_down=self._winding_down)
        self._emergency.advance()
        self._let_time_pass()
        run = self._state.agreement
        is_due = (step.ts_ms - run.start_ms) % run.round_interval_ms == 0
        if is_due and not self._inaction():
            await self._hold_round(step.ts_ms)
        self._finish_if_due()

    async def _hold_round(self, ts_ms: int) -> None:
        view = self.tape.view(self._state, ts_ms)
        self.recorder.emit(RoundOpened(round=view.round, view_hash=view.view_hash))
        answers = await ask_all(view, [self._question(name) for name in asked_in(self._state)])
        self._take_requests()
        for answer in answers.values():
            tell_thoughts(self.recorder, view.round, answer)
            if isinstance(answer, DecisionFailure):
                self._count_failure(view.round, answer)
            elif not self._inaction():
                act_on(answer, view, self.recorder, self.desk, self.rules.sizing)
        equities = tuple(agent.watch.equity for agent in self._state.agents.values())
        self.recorder.emit(RoundClosed(round=view.round, equities=equities))

    def _inaction(self) -> str:
        """Why nothing that an agent wants is done now; empty: it is."""
        if self._winding_down:
            return "everything is being closed, since the bot is to stop"
        stage = self._state.emergency
        if stage is None:
            return ""
        return f"an emergency stop {'has halted all' if stage is EmergencyStage.HALTED else 'is under way'}"

    def _question(self, name: str) -> Question:
        own = account_view(self._state, name)
        return Question(agent=self.agents[name], own=own, timeout_s=self.rules.timeouts_s[name])

    def _count_failure(self, round_number: int, failure: DecisionFailure) -> None:
        self.agents[failure.agent].forget()
        self.recorder.emit(
            DecisionFailed(
                agent=failure.agent, round=round_number, failure=failure.failure, message=failure.message
            )
        )

    def _finish_if_due(self) -> None:
        run = self._state.agreement
        if self._emergency.is_under_way:
            return
        if run.rounds_limit is not None and self._state.rounds_closed >= run.rounds_limit:
            self._finish(f"all {run.rounds_limit} rounds are played")
        elif run.end_ms is not None and self._state.ts_ms >= run.end_ms:
            self._finish("its time is over")

    def _finish(self, reason: str) -> None:
        if not self._state.finished:
            self.debates.abandon("the run is over")
            self.recorder.emit(RunFinished(reason=reason))

"""Debates that somebody asks for: held beside the loop on the market as it is, and told between two steps."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from cockpit.agents.agent import AccountView, Agent, Debater, MarketView
from cockpit.arena.acting import act_on
from cockpit.arena.order_desk import OrderDesk
from cockpit.arena.recorder import Recorder
from cockpit.arena.rehearsal import rehearse
from cockpit.arena.requests import ControlRefused
from cockpit.arena.rounds import Question, account_view, ask
from cockpit.arena.rules import Rules
from cockpit.arena.tape import Tape
from cockpit.arena.thoughts import tell_calls
from cockpit.domain.debates import NOT_ACTED_UPON, Debate
from cockpit.domain.decisions import Decision, DecisionFailure, crash_of
from cockpit.domain.events import DebateAbandoned, DebateAsked, DebateHeld, EmergencyStage, Recorded
from cockpit.trading.state import ArenaState

HOW_TO_DEBATE = (
    "add an agent of kind debate to the settings"
    ' ([[agents]] name = "panel", kind = "debate", model = "provider/model"),'
    " or give --config config/arenas/debate.toml"
)
"""For who asks where nobody can."""

MOST_UNDER_WAY = 4
"""Debates that somebody asked for, of all agents together."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """A debate that somebody asked for.

    Attributes:
        debate_id: Its number.
        debater: Who holds it.
        view: The one instrument, when it was asked for.
        own: The account then.
        execute: Whether the verdict is to be acted upon.
    """

    debate_id: int
    debater: Debater
    view: MarketView
    own: AccountView
    execute: bool

    @property
    def name(self) -> str:
        """Who is asked."""
        return self.debater.name

    async def decide(self, view: MarketView, own: AccountView) -> Decision | DecisionFailure:
        """Holds the debate, speaking as nobody else does."""
        return await self.debater.debate(view, own, f"{self.name}#{self.debate_id}")


@dataclass(slots=True, kw_only=True)
class AskedDebates:
    """Owns every debate that somebody asked for and that is not over; none delays the loop.

    Attributes:
        recorder: Where events go.
        desk: Where orders go.
        tape: What the market has said.
        agents: By name, in start-list order.
        rules: How the arena trades.
        carry_out: Lets a change happen when it can, and returns once it counts.
        inaction: Says why no verdict is acted upon now; empty: it would be.
    """

    recorder: Recorder
    desk: OrderDesk
    tape: Tape
    agents: Mapping[str, Agent]
    rules: Rules
    carry_out: Callable[[Callable[[], None]], Awaitable[None]]
    inaction: Callable[[], str]
    _begun: dict[int, _Begun] = field(init=False, default_factory=dict)
    _tasks: dict[int, "asyncio.Task[None]"] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.recorder.listen(self._heed)

    async def begin(self, *, symbol: str, agent: str | None, execute: bool, by: str) -> int:
        """Lets an agent debate on one instrument; returns the debate's number once it counts.

        Args:
            symbol: A unified symbol of the run, or its base coin.
            agent: Whose roles debate; the first of the start list that can now, unless given.
            execute: Whether the verdict is to be acted upon as the agent's decision.
            by: Who asks.

        Raises:
            ControlRefused: If it can't be held.
        """
        self._refuse(self.recorder.committed, agent, symbol)
        numbers: list[int] = []

        def begin() -> None:
            debater, listed = self._refuse(self.recorder.draft, agent, symbol)
            numbers[:] = [self._begin(debater, listed, by=by, execute=execute)]

        await self.carry_out(begin)
        return numbers[0]

    def abandon(self, reason: str) -> None:
        """Tells of every debate under way that it comes to nothing."""
        abandon_all(self.recorder, reason)

    async def aclose(self) -> None:
        """Leaves every debate; what is under way then is still to be told abandoned."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _begin(self, debater: Debater, symbol: str, *, by: str, execute: bool) -> int:
        draft = self.recorder.draft
        debate_id = draft.next_debate_id
        self._begun[debate_id] = _Begun(
            debate_id=debate_id,
            debater=debater,
            view=self.tape.glance(draft, symbol, self.recorder.now_ms),
            own=account_view(draft, debater.name),
            execute=execute,
        )
        self.recorder.emit(
            DebateAsked(debate_id=debate_id, agent=debater.name, symbol=symbol, by=by, execute=execute)
        )
        return debate_id

    def _heed(self, committed: Sequence[Recorded]) -> None:
        """Lets a debate begin once it counts that it was asked for, whoever still waits to hear of it."""
        for recorded in committed:
            event = recorded.event
            if isinstance(event, DebateAsked) and event.debate_id in self._begun:
                begun = self._begun.pop(event.debate_id)
                task = asyncio.create_task(self._hold(begun), name=f"debate {begun.debate_id}")
                self._tasks[begun.debate_id] = task
                task.add_done_callback(partial(self._forget, begun.debate_id))
            elif isinstance(event, DebateAbandoned):
                task_of = self._tasks.get(event.debate_id)
                if task_of is not None and task_of is not asyncio.current_task():
                    task_of.cancel()

    async def _hold(self, begun: _Begun) -> None:
        try:
            timeout_s = self.rules.timeouts_s[begun.name]
            answer = await ask(begun.view, Question(agent=begun, own=begun.own, timeout_s=timeout_s))
            try:
                await self.carry_out(lambda: self._end(begun, answer))
            except Exception as error:  # noqa: BLE001 - what can't be acted upon is told without that
                _LOG.warning("debate %d can't be told: %s", begun.debate_id, error)
                reason = crash_of(begun.name, error).message
                await self.carry_out(lambda: self._give_up(begun, answer, reason))
        except Exception:  # noqa: BLE001 - nobody waits for it; a restart tells it abandoned
            _LOG.exception("debate %d is left as it is", begun.debate_id)

    def _forget(self, debate_id: int, _: "asyncio.Task[None]") -> None:
        del self._tasks[debate_id]

    def _end(self, begun: _Begun, answer: Decision | DecisionFailure) -> None:
        if answer.debate is None:
            reason = answer.message if isinstance(answer, DecisionFailure) else "nothing was said"
            self._give_up(begun, answer, reason)
        elif self._is_under_way(begun):
            self._tell(begun, answer, answer.debate)

    def _tell(self, begun: _Begun, answer: Decision | DecisionFailure, debate: Debate) -> None:
        view, draft = begun.view, self.recorder.draft
        first_call_id = tell_calls(self.recorder, begun.name, view.round, answer.calls, begun.debate_id)
        held = DebateHeld(
            debate_id=begun.debate_id,
            agent=begun.name,
            round=view.round,
            first_call_id=first_call_id,
            debate=_marked(debate, draft.marks),
            asked=True,
        )
        if isinstance(answer, DecisionFailure):
            self.recorder.emit(replace(held, failed=answer.message))
            return
        decision = replace(answer, thinking_ms=max(0, view.ts_ms + answer.thinking_ms - draft.ts_ms))
        inaction = self._inaction(decision, execute=begun.execute)
        is_done = begun.execute and not inaction
        checks = rehearse(decision, view, draft, self.desk, self.rules.sizing)
        self.recorder.emit(
            replace(
                held,
                proposal=decision.targets,
                refused=decision.refused,
                checks=(inaction, *checks) if inaction else checks,
                decision_id=draft.next_decision_id if is_done else None,
            )
        )
        if is_done:
            act_on(decision, view, self.recorder, self.desk, self.rules.sizing)

    def _inaction(self, decision: Decision, *, execute: bool) -> str:
        """Why a verdict is not acted upon, in a line; empty: it is, or would be if that were asked for."""
        marks = self.recorder.draft.marks
        unpriced = [each.symbol for each in decision.targets if each.symbol not in marks]
        reason = self.inaction() if execute else ""
        if not reason and unpriced:
            reason = f"{unpriced[0]} has no price in this run yet"
        return reason and f"{NOT_ACTED_UPON}: {reason}"

    def _give_up(self, begun: _Begun, answer: Decision | DecisionFailure, reason: str) -> None:
        if self._is_under_way(begun):
            tell_calls(self.recorder, begun.name, begun.view.round, answer.calls, begun.debate_id)
            self.recorder.emit(DebateAbandoned(debate_id=begun.debate_id, agent=begun.name, reason=reason))

    def _is_under_way(self, begun: _Begun) -> bool:
        """Not where the run has ended meanwhile: then it was told abandoned."""
        return begun.debate_id in self.recorder.draft.debates_under_way

    def _refuse(self, state: ArenaState, agent: str | None, symbol: str) -> tuple[Debater, str]:
        """Who is to debate on what.

        Raises:
            ControlRefused: If that can't be.
        """
        if state.finished:
            raise ControlRefused(f"the run is finished: {state.finished}")
        if state.emergency not in {None, EmergencyStage.HALTED}:
            raise ControlRefused(f"an emergency stop is under way: {state.emergency}")
        debater = self._debater(agent, state)
        fault = _fault_of(debater.name, state)
        if fault:
            raise ControlRefused(fault)
        listed = _symbol_named(symbol, state)
        if len(state.debates_under_way) >= MOST_UNDER_WAY:
            raise ControlRefused(f"{MOST_UNDER_WAY} debates are under way: wait until one of them is over")
        return debater, listed

    def _debater(self, name: str | None, state: ArenaState) -> Debater:
        """Who is meant; where nobody is named, the first who can now."""
        debaters = {name: agent for name, agent in self.agents.items() if isinstance(agent, Debater)}
        if not debaters:
            raise ControlRefused(f"nobody debates here: {HOW_TO_DEBATE}")
        if name is None:
            free = (agent for each, agent in debaters.items() if not _fault_of(each, state))
            return next(free, next(iter(debaters.values())))
        if name in debaters:
            return debaters[name]
        there = ", ".join(debaters)
        if name in self.agents:
            kind = self.agents[name].kind
            raise ControlRefused(f"{name} is of kind {kind} and debates with nobody; {there} can")
        raise ControlRefused(f"no agent is called {name}; {there} can debate")


def abandon_all(recorder: Recorder, reason: str) -> None:
    """Tells of every debate under way that it comes to nothing."""
    for debate_id, each in list(recorder.draft.debates_under_way.items()):
        recorder.emit(DebateAbandoned(debate_id=debate_id, agent=each.agent, reason=reason))


def _fault_of(debater: str, state: ArenaState) -> str:
    """Why one who debates can't begin to now; empty: it can."""
    grounded = state.agents[debater].grounded
    if grounded:
        return f"{debater} can't debate: {grounded}"
    held = next((number for number, each in state.debates_under_way.items() if each.agent == debater), None)
    return "" if held is None else f"{debater} is at debate {held} still: wait until that is over"


def _marked(debate: Debate, marks: Mapping[str, float]) -> Debate:
    """A debate at the marks of the moment in which it is told: by these its forecasts are measured."""
    marked = tuple(replace(each, mark=marks.get(each.symbol)) for each in debate.consensus)
    return replace(debate, consensus=marked)


def _symbol_named(name: str, state: ArenaState) -> str:
    instruments, wanted = state.agreement.instruments, name.casefold()
    traded = [each.symbol for each in instruments]
    alike = [each.symbol for each in instruments if wanted in {each.symbol.casefold(), each.base.casefold()}]
    named = [name] if name in traded else alike
    if not named:
        raise ControlRefused(f"{name} is not traded here; there is {', '.join(traded)}")
    if len(named) > 1:
        raise ControlRefused(f"{name} is several things here: say which of {', '.join(named)}")
    return named[0]

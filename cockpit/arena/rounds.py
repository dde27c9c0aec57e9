"""One round: every agent is asked at once, each under a deadline, and none can stop the others."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from cockpit.agents.agent import AccountView, MarketView
from cockpit.arena.leaderboard import sharpe_of
from cockpit.domain.decisions import Decision, DecisionFailure, FailureKind, crash_of
from cockpit.domain.events import TradingMode
from cockpit.trading.breakers.measures import drawdown
from cockpit.trading.decision_checks import decision_fault, thoughts_fault
from cockpit.trading.state import ArenaState


class Decider(Protocol):
    """Who can be asked: an agent, or what stands for one.

    Attributes:
        name: Of the agent.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - see the class

    async def decide(self, view: MarketView, own: AccountView) -> Decision | DecisionFailure:
        """See `Agent`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One agent, what it sees of its own account, and how long it may take."""

    agent: Decider
    own: AccountView
    timeout_s: float


def account_view(state: ArenaState, name: str) -> AccountView:
    """What an agent is shown of itself; it stays as it is while the arena goes on."""
    agent = state.agents[name]
    return AccountView(
        account=agent.account,
        equity=agent.watch.equity,
        capital=agent.capital,
        targets=dict(agent.targets),
        rounds_asked=agent.decisions + agent.failures - agent.routing.skipped,
        sharpe=sharpe_of(agent.returns, state.agreement.round_interval_ms),
        lessons=tuple(agent.lessons),
        broken=dict(agent.broken),
        drawdown=drawdown(agent.watch),
    )


async def ask_all(view: MarketView, questions: Iterable[Question]) -> dict[str, Decision | DecisionFailure]:
    """The answers of all agents to one view, by name, in the order they were asked.

    An agent that raises, hangs or returns what can't be acted on has a `DecisionFailure` instead.
    """
    asked = list(questions)
    answers = await asyncio.gather(*(ask(view, question) for question in asked))
    return {question.agent.name: answer for question, answer in zip(asked, answers, strict=True)}


async def ask(view: MarketView, question: Question) -> Decision | DecisionFailure:
    """One agent's answer; see `ask_all`."""
    name = question.agent.name
    # A task of its own: an agent that swallows its cancellation is left behind, not waited for.
    deciding = asyncio.create_task(question.agent.decide(view, question.own), name=f"{name} decides")
    deciding.add_done_callback(_retrieved)
    try:
        await asyncio.wait({deciding}, timeout=question.timeout_s)
        if not deciding.done():
            message = f"{name} gave no answer within {question.timeout_s:g} s"
            return DecisionFailure(agent=name, failure=FailureKind.TIMEOUT, message=message)
        answer: object = deciding.result()
    except asyncio.CancelledError:
        if not deciding.cancelled():
            raise  # it is the round that was cancelled
        message = f"{name} cancelled itself"
        return DecisionFailure(agent=name, failure=FailureKind.CRASH, message=message)
    except Exception as error:  # noqa: BLE001 - no agent may stop a round, whatever it raises
        return crash_of(name, error)
    finally:
        deciding.cancel()
    if isinstance(answer, DecisionFailure) and answer.agent == name:
        fault = thoughts_fault(answer)
        if fault is None:
            return answer
        return replace(answer, message=f"{answer.message}; {fault}", calls=(), debate=None, routing=None)
    return _checked(name, answer, view)


def _retrieved(task: "asyncio.Task[object]") -> None:
    if not task.cancelled():
        task.exception()


def _checked(name: str, answer: object, view: MarketView) -> Decision | DecisionFailure:
    fault = decision_fault(answer, name, view.marks, view.instruments)
    if fault is None and isinstance(answer, Decision):
        return answer
    return DecisionFailure(agent=name, failure=FailureKind.INVALID, message=f"{name}: {fault}")


def asked_in(state: ArenaState) -> list[str]:
    """The agents that are asked in a round, in start-list order.

    None while nothing they could say would be done; never who is benched, bankrupt or can't take part.
    """
    if state.halted or state.trading_mode is TradingMode.HALTED:
        return []
    return [
        name for name, agent in state.agents.items() if not (agent.benched or agent.closed or agent.grounded)
    ]

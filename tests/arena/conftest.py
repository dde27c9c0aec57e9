"""Arenas to run: real market, strategies, ledger and journal, in a temporary folder."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from cockpit.agents.agent import AccountView, Agent, MarketView
from cockpit.arena.assembly import Parts, assemble
from cockpit.arena.coordinator import Coordinator
from cockpit.arena.opening import Past, begin, take_up
from cockpit.arena.pacing import Pacer
from cockpit.domain.decisions import Decision, DecisionFailure
from cockpit.journal.journal import Journal
from cockpit.settings.resolve import resolve

Say = Callable[[MarketView, AccountView], Decision | DecisionFailure]


class ScriptedAgent:
    """An agent that answers with a function of the test's."""

    kind = "scripted"
    is_control = False
    summary = "Does what a test says."
    history_ms = 0
    grounded = ""

    def __init__(self, name: str, say: Say) -> None:
        self.name = name
        self.say = say
        self.forgotten = 0

    async def decide(self, view: MarketView, own: AccountView) -> Decision | DecisionFailure:
        answer = self.say(view, own)
        return await answer if asyncio.iscoroutine(answer) else answer

    def relive(self, view: MarketView, own: AccountView) -> None:
        return None

    def forget(self) -> None:
        self.forgotten += 1

    def memory(self) -> bytes:
        return b"null"

    def restore(self, memory: object) -> None:
        return None

    def close(self) -> None:
        return None


PLAIN_VENUE = {"latency": "0s", "half_spread_bps": 1, "impact_coefficient": 0, "participation": "off"}
"""Fills at the next open, a basis point worse, whatever the size."""


def parts_of(flags: Mapping[str, Any], *extra: Agent) -> Parts:
    """An arena of these settings, with agents of the test's beside (or instead of) the configured ones."""
    parts = assemble(resolve(environment={}, flags={"venue": PLAIN_VENUE} | dict(flags)).settings, "test")
    if not extra:
        return parts
    agents = {agent.name: agent for agent in extra}
    contestants = tuple(
        replace(parts.agreement.contestants[0], name=agent.name, kind=agent.kind) for agent in extra
    )
    return replace(
        parts,
        agents=agents,
        rules=replace(parts.rules, timeouts_s=dict.fromkeys(agents, 0.2)),
        limits=dict.fromkeys(agents, next(iter(parts.limits.values()))),
        styles=dict.fromkeys(agents, next(iter(parts.styles.values()))),
        agreement=replace(
            parts.agreement, contestants=contestants, capital_in=parts.agent_capital * len(agents)
        ),
    )


@dataclass
class Stage:
    """A folder with a journal, on which arenas are begun and taken up."""

    path: Path
    journal: Journal

    async def begin(self, parts: Parts, run_id: str = "run-1") -> Coordinator:
        pacer = Pacer(speed=None, monotonic=time.monotonic)
        coordinator = await begin(parts, self.journal, self.journal.last_seq, run_id, pacer)
        await coordinator.recorder.commit()
        return coordinator

    async def take_up(self, parts: Parts, past: Past) -> Coordinator:
        pacer = Pacer(speed=None, monotonic=time.monotonic)
        coordinator, _ = await take_up(parts, self.journal, past, pacer)
        return coordinator


@pytest.fixture
def stage(tmp_path):
    journal = Journal.open(tmp_path / "journal.sqlite")
    yield Stage(tmp_path, journal)
    journal.close()


@pytest.fixture
def theatre():
    """Opens arenas on a market that the test speaks for; see `Theatre`."""
    from tests.arena.theatre import Theatre

    opened = []

    def open_theatre(*arguments, **options):
        opened.append(Theatre(*arguments, **options))
        return opened[-1]

    yield open_theatre
    for each in opened:
        each.close()

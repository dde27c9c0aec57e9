"""What the panes of one agent's page have in common."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from cockpit.domain.run_events import Contestant
from cockpit.trading.agent_state import AgentState
from cockpit.tui import look
from cockpit.tui.keys import key_word
from cockpit.tui.line import Line
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.store import Store, Topic

RULE_KINDS = frozenset({"strategy", "blend"})
"""Kinds of agents that ask no model."""


def asks_models(store: Store, agent: str) -> bool:
    """Whether an agent decides by asking models, or would if it could."""
    contestant = contestant_of(store, agent)
    return contestant is not None and contestant.kind not in RULE_KINDS


def contestant_of(store: Store, agent: str) -> Contestant | None:
    """What the start list says of an agent; None where it is not on it."""
    run = store.state.run
    return next((each for each in run.contestants if each.name == agent), None) if run else None


class AgentPane(Pane):
    """Rows about one agent.

    Args:
        store: What is shown.
        pane_id: Its id.
        agent: Whose.
        keys: Action id → key.
    """

    topics: ClassVar[tuple[Topic, ...]] = (
        Topic.STANDINGS,
        Topic.CURVES,
        Topic.HOLDINGS,
        Topic.RISK,
        Topic.DECISIONS,
    )
    paint_every_s = 0.5
    has_cursor = True

    def __init__(self, store: Store, pane_id: str, agent: str, keys: Mapping[str, str]) -> None:
        super().__init__(store, pane_id)
        self.agent = agent
        self.reset_key = key_word(keys["reset_breaker"])

    @property
    def state(self) -> AgentState | None:
        """The agent's; None in a run it has no part in."""
        return self.store.state.agents.get(self.agent)

    def sections(self, width: int) -> Iterator[Row]:
        """The pane's rows for an agent that is there."""
        raise NotImplementedError

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        if self.state is None:
            return [Row.of(Line(f"{self.agent} has no part in this run.", look.MUTED))]
        return list(self.sections(width))


def section(title: str, width: int) -> Row:
    """A heading with a rule behind it."""
    line = Line(f"{title} ", "bold $text-accent")
    return Row.of(line.add("─" * max(0, width - line.width), look.FAINT))

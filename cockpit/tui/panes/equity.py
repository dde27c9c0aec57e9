"""The equity curves of all agents in one chart."""

from collections.abc import Sequence

from cockpit.domain.formats import percent
from cockpit.trading.agent_state import AgentState
from cockpit.trading.state import ArenaState
from cockpit.tui import look
from cockpit.tui.charts.equity import Curve, draw
from cockpit.tui.panes.pane import Pane, Row
from cockpit.tui.store import Topic


class EquityPane(Pane):
    """Return on capital over market time, one curve per agent; the selected one stands out."""

    topics = (Topic.CURVES,)
    paint_every_s = 1.0

    selected_agent: str | None = None

    def rows(self, width: int) -> Sequence[Row]:
        """See `Pane`."""
        curves = curves_of(self.store.state, self.looks, self.selected_agent)
        lines = draw(curves, width, self.text_size.height)
        return [Row.of(line) for line in lines]

    def note(self) -> str:
        """See `Pane`."""
        agent = self.store.state.agents.get(self.selected_agent or "")
        if agent is None or not agent.capital:
            return "return on capital"
        won = agent.watch.equity / agent.capital - 1
        return f"{self.selected_agent} {percent(won, signed=True)}"

    def put_forward(self, agent: str | None) -> None:
        """Lets one agent's curve stand out."""
        if agent != self.selected_agent:
            self.selected_agent = agent
            self.paint()


def curves_of(state: ArenaState, looks: look.AgentLooks, selected: str | None) -> list[Curve]:
    """Every agent's curve, beginning at the run's start with nothing won."""
    return [
        Curve(
            name=name,
            points=_points(agent, state),
            style=looks[name].style,
            dashed=looks[name].is_control,
            strong=name == selected,
        )
        for name, agent in state.agents.items()
        if agent.capital
    ]


def _points(agent: AgentState, state: ArenaState) -> list[tuple[int, float]]:
    start_ms = state.agreement.start_ms
    won = [(ts_ms, equity / agent.capital - 1) for ts_ms, equity in agent.curve.points]
    if won and won[-1][0] < state.round_ms and agent.last_round_equity is not None:
        won.append((state.round_ms, agent.last_round_equity / agent.capital - 1))
    return [(start_ms, 0.0), *won] if won else []

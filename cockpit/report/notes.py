"""All a session notes beside its tallies, from a run's events in order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from cockpit.domain.events import (
    ARENA,
    AskingSkipped,
    DebateHeld,
    DecisionMade,
    EntriesWithheld,
    Escalated,
    ModelCalled,
    OrderCreated,
    Recorded,
)
from cockpit.report.models.notes import MindNotes
from cockpit.report.models.notes import together as minds_together
from cockpit.report.outcome_notes import OutcomeCounts, OutcomeLink, OutcomeNotes
from cockpit.report.outcome_notes import together as outcomes_together
from cockpit.report.routing.notes import RoutingTally
from cockpit.report.routing.notes import together as routing_together
from cockpit.report.session import Answer, Noted, Record
from cockpit.report.tally import Tally
from cockpit.trading.agent_state import AgentState
from cockpit.trading.debate_tally import DebateTally
from cockpit.trading.debate_tally import together as debates_together
from cockpit.trading.forecasts import ForecastBook, StanceForecast, role_scores
from cockpit.trading.state import ArenaState


class Notes:
    """Notes of one run, from its first event on; what is of a period is noted from `begin` on.

    Args:
        taker_fee_rates: By symbol, fractions of notional.
    """

    def __init__(self, taker_fee_rates: Mapping[str, float]) -> None:
        self._from_ms: int | None = None
        self._minds = MindNotes()
        self._outcomes = OutcomeNotes()
        self._forecasts = ForecastBook(taker_fee_rates)
        self._debates: dict[str, DebateTally] = defaultdict(DebateTally)
        self._routing: dict[str, RoutingTally] = defaultdict(RoutingTally)

    def begin(self, state: ArenaState, from_ms: int) -> None:
        """The period begins: what was before is not of it."""
        self._from_ms = from_ms
        self._minds.begin(state)

    def take(self, state: ArenaState, recorded: Recorded) -> None:
        """Takes the next event, which the state has already taken."""
        event = recorded.event
        self._outcomes.take(event)
        if isinstance(event, OrderCreated):
            self._minds.note_order(state, event.order)
        elif self._from_ms is None:
            return
        elif isinstance(event, DebateHeld):
            self._debates[event.agent].count(event.debate)
            self._forecasts.note(recorded.ts_ms, event.agent, event.debate)
        elif isinstance(event, ModelCalled | Escalated | EntriesWithheld | AskingSkipped):
            self._routing[event.agent].count(event)

    def of_agents(self, agents: Mapping[str, AgentState], tallies: Mapping[str, Tally]) -> dict[str, Noted]:
        """What is noted of each agent at the end of the period, by name."""
        said: dict[str, list[StanceForecast]] = {}
        for forecast in self._forecasts.forecasts():
            said.setdefault(forecast.agent, []).append(forecast)
        counts = self._outcomes.counts(self._from_ms or 0)
        return {
            name: Noted(
                mind=self._minds.of_agent(agent, tallies[name]),
                routing=self._routing[name].summary(),
                debates=self._debates[name].figures(),
                roles=role_scores(said.get(name, ())),
                outcomes=counts.get(name, OutcomeCounts()),
            )
            for name, agent in agents.items()
        }

    def of_arena(self, records: Iterable[Record]) -> Noted:
        """What all agents' notes come to."""
        agents = list(records)
        asking = [(each.noted.mind, each.confidences) for each in agents if each.noted.mind is not None]
        said = (replace(forecast, agent=ARENA) for forecast in self._forecasts.forecasts())
        return Noted(
            mind=minds_together(asking),
            routing=routing_together(each.noted.routing for each in agents),
            debates=debates_together(self._debates.values()).figures(),
            roles=role_scores(said),
            outcomes=outcomes_together(each.noted.outcomes for each in agents),
        )

    def links(self, answers: Iterable[Answer]) -> dict[int, tuple[OutcomeLink, ...]]:
        """Decision → the orders it asked for and what became of them, of those answers that asked for any."""
        events = [each.event for each in answers]
        return self._outcomes.links(each.decision_id for each in events if isinstance(each, DecisionMade))

"""The bot's figures for Prometheus."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from cockpit.arena.model_figures import mind_record, model_figures
from cockpit.daemon.control import BotControl
from cockpit.domain.events import ARENA, EmergencyStage, TradingMode
from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.trading.agent_state import AgentState, BreakerStatus
from cockpit.trading.state import ArenaState

CONTENT_TYPE = CONTENT_TYPE_LATEST


class MetricsPage:
    """What ``/metrics`` says: the state at the moment it is asked."""

    def __init__(self, bot: BotControl) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_BotCollector(bot))

    def text(self) -> bytes:
        """The exposition format, UTF-8."""
        return generate_latest(self._registry)


class _BotCollector(Collector):
    def __init__(self, bot: BotControl) -> None:
        self._bot = bot

    def describe(self) -> Iterator[Metric]:
        yield from ()

    def collect(self) -> Iterator[Metric]:
        state = self._bot.state
        for name, words, bot_value in _OF_BOT:
            yield GaugeMetricFamily(f"cockpit_{name}", words, value=bot_value(self._bot))
        for name, words, state_value in _OF_STATE:
            yield GaugeMetricFamily(f"cockpit_{name}", words, value=state_value(state))
        for family, agent_value in _per_agent():
            for name, agent in state.agents.items():
                family.add_metric([name], agent_value(agent))
            yield family
        yield from _of_models(state)
        yield _tripped_breakers(state)


def _per_agent() -> Iterator[tuple[GaugeMetricFamily | CounterMetricFamily, Callable[[AgentState], float]]]:
    for name, words, value in _AGENT_GAUGES:
        yield GaugeMetricFamily(f"cockpit_{name}", words, labels=["agent"]), value
    for name, words, value in _AGENT_COUNTS:
        yield CounterMetricFamily(f"cockpit_{name}", words, labels=["agent"]), value


def _of_models(state: ArenaState) -> Iterator[Metric]:
    """What agents' models did and cost; nothing where no agent has asked one."""
    asking = {name: agent for name, agent in state.agents.items() if agent.model_use.calls}
    if not asking:
        return
    for metric, words, value in _MODEL_COUNTS:
        counter = CounterMetricFamily(f"cockpit_model_{metric}", words, labels=["agent"])
        for name, agent in asking.items():
            counter.add_metric([name], value(agent))
        yield counter
    cost = CounterMetricFamily("cockpit_model_cost_dollars", _COST_WORDS, labels=["agent"])
    daily = GaugeMetricFamily("cockpit_model_projected_daily_cost_dollars", _DAILY_WORDS, labels=["agent"])
    for name, agent in asking.items():
        if agent.model_use.unpriced < agent.model_use.calls:
            cost.add_metric([name], agent.model_use.cost / MICROS_PER_UNIT)
        record = mind_record(agent)
        if record is not None:
            a_day = model_figures(record, state.agreement.round_interval_ms, None).daily_cost
            if a_day is not None:
                daily.add_metric([name], a_day / MICROS_PER_UNIT)
    yield from (cost, daily)


def _tripped_breakers(state: ArenaState) -> Metric:
    words = "1 while the breaker keeps its agent, or the arena, from trading."
    family = GaugeMetricFamily("cockpit_breaker_tripped", words, labels=["scope", "breaker"])
    guarded = {ARENA: state.breakers} | {name: agent.breakers for name, agent in state.agents.items()}
    for scope, breakers in guarded.items():
        for name, breaker in breakers.items():
            family.add_metric([scope, name], float(breaker.status is not BreakerStatus.ARMED))
    return family


_OF_BOT: tuple[tuple[str, str, Callable[[BotControl], float]], ...] = (
    ("start_time_seconds", "When the process took up the run, Unix time.", lambda bot: bot.started_ms / 1000),
    ("journal_outage", "1 while the journal can't be written.", lambda bot: float(bot.outage is not None)),
)

_OF_STATE: tuple[tuple[str, str, Callable[[ArenaState], float]], ...] = (
    ("event_seq", "The last event of the journal.", lambda state: state.seq),
    ("market_time_seconds", "Market time, Unix time.", lambda state: state.ts_ms / 1000),
    ("round", "The last round opened.", lambda state: state.round),
    ("paused", "1 while market time stands still.", lambda state: float(state.paused)),
    ("kill_switch", "1 while orders are held back.", lambda state: float(state.killed)),
    (
        "reducing",
        "1 while orders may only reduce exposure.",
        lambda state: float(state.trading_mode is TradingMode.REDUCING),
    ),
    (
        "halted",
        "1 while no order goes out.",
        lambda state: float(state.trading_mode is TradingMode.HALTED),
    ),
    (
        "emergency_stop",
        "1 while an emergency stop is under way.",
        lambda state: float(state.emergency in {EmergencyStage.CANCELING, EmergencyStage.FLATTENING}),
    ),
    ("unseen_alerts", "Alerts nobody has acknowledged.", lambda state: len(state.alerts)),
    ("finished", "1 once the run is over.", lambda state: float(bool(state.finished))),
    (
        "arena_equity",
        "Of all agents together, in quote currency.",
        lambda state: state.watch.equity / MICROS_PER_UNIT,
    ),
)

_AGENT_GAUGES: tuple[tuple[str, str, Callable[[AgentState], float]], ...] = (
    ("equity", "In quote currency.", lambda agent: agent.watch.equity / MICROS_PER_UNIT),
    ("drawdown_max_ratio", "Largest fall from a peak, of it.", lambda agent: agent.watch.max_drawdown),
    ("open_positions", "Open positions.", lambda agent: len(agent.account.positions)),
    ("working_orders", "Orders that are not done yet.", lambda agent: len(agent.working)),
    ("funding_paid", "In quote currency; negative: received.", lambda agent: agent.funding / MICROS_PER_UNIT),
    (
        "slippage_paid",
        "Lost to the prices of fills, in quote currency; negative: gained.",
        lambda agent: agent.slippage / MICROS_PER_UNIT,
    ),
    ("unsynced", "1 while its account can't be trusted.", lambda agent: float(bool(agent.unsynced))),
)

_AGENT_COUNTS: tuple[tuple[str, str, Callable[[AgentState], float]], ...] = (
    ("trades", "Round trips.", lambda agent: agent.trades),
    ("winning_trades", "Round trips with a profit.", lambda agent: agent.wins),
    ("decisions", "Decisions made.", lambda agent: agent.decisions),
    ("decision_failures", "Failures to decide.", lambda agent: agent.failures),
    ("orders", "Orders created.", lambda agent: agent.orders),
    ("orders_denied", "Orders that risk denied.", lambda agent: agent.denied),
    ("orders_held", "Orders that the kill switch held back.", lambda agent: agent.held),
    ("fills", "Fills.", lambda agent: agent.fills),
    ("fees_paid", "In quote currency.", lambda agent: agent.fees / MICROS_PER_UNIT),
    (
        "losses_covered",
        "What the venue bore of its losses, in quote currency.",
        lambda agent: agent.covered / MICROS_PER_UNIT,
    ),
    ("turnover", "Notional of all fills, in quote currency.", lambda agent: agent.turnover / MICROS_PER_UNIT),
)

_MODEL_COUNTS: tuple[tuple[str, str, Callable[[AgentState], float]], ...] = (
    ("calls", "Questions to models, answered or not.", lambda agent: agent.model_use.calls),
    ("call_failures", "Questions that brought no answer.", lambda agent: agent.model_use.failed),
    (
        "repairs",
        "Questions that only mended the form of another answer.",
        lambda agent: agent.model_use.repairs,
    ),
    ("unpriced_calls", "Questions whose cost nobody knows.", lambda agent: agent.model_use.unpriced),
    ("refusals", "Parts of answers that could not be used.", lambda agent: agent.refused),
    ("input_tokens", "As far as providers said.", lambda agent: agent.model_use.input_tokens),
    ("output_tokens", "As far as providers said.", lambda agent: agent.model_use.output_tokens),
    (
        "latency_seconds",
        "Time that all calls took together.",
        lambda agent: agent.model_use.latency_ms / 1000,
    ),
)
_COST_WORDS = "Of all calls but the unpriced, in US dollars; not told where all are unpriced."
_DAILY_WORDS = "Mean cost of a round times rounds per day, in US dollars; not told where a cost is unknown."

"""From settings to agents that ask models, and what these share: a line to models, a writer of prompts."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from cockpit.agents.agent import Agent
from cockpit.agents.answers.repair import RepairModel
from cockpit.agents.debate.debate_agent import DebateAgent
from cockpit.agents.debate.form import DebateForm, RoleModel
from cockpit.agents.llm_agent import LlmAgent, Mind
from cockpit.agents.prompts.figures import MarketForm
from cockpit.agents.prompts.prompt import PromptWriter
from cockpit.agents.prompts.renderer import PromptTemplates
from cockpit.agents.prompts.rules_text import ArenaRules
from cockpit.agents.routing import Route
from cockpit.agents.skip_gate import SkipRule
from cockpit.agents.switchboard import Caller, Switchboard
from cockpit.agents.tools.tool_use import ToolLimits
from cockpit.domain.debates import DebateMessage
from cockpit.domain.formats import money
from cockpit.domain.market import MICROS_PER_UNIT, Micros
from cockpit.domain.profiles import MIND_KINDS
from cockpit.markets.market import Market
from cockpit.settings.model_tree import SHIPPED_PROMPT, MindSettings, RoutingSettings, SkipSettings
from cockpit.settings.risk_limits import risk_limits
from cockpit.settings.tree import AgentSettings, Settings
from cockpit.settings.venue_tree import fill_model
from cockpit.trading.invalidation import coin_names
from cockpit.trading.risk import RiskLimits
from cockpit.venues.venue import Venue


class Minds:
    """Makes the agents of an arena that ask models.

    Attributes:
        switchboard: Their line to models.

    Args:
        settings: Resolved.
        market: Where prices come from.
        venue: Where orders go.
        round_interval_ms: Market time between two rounds.
        environment: Of the process, for keys.

    Raises:
        KeysRefused: If the file of keys can't be used.
    """

    def __init__(
        self,
        settings: Settings,
        market: Market,
        venue: Venue,
        round_interval_ms: int,
        environment: Mapping[str, str],
    ) -> None:
        callers = {
            each.name: Caller(models=_models(each), budget=each.mind.budget)
            for each in settings.agents
            if each.kind in MIND_KINDS
        }
        self.switchboard = Switchboard(settings.models, callers, environment)
        self._settings = settings
        self._market = market
        self._venue = venue
        self._round_interval_ms = round_interval_ms
        self._templates: dict[str, PromptTemplates] = {}
        self._writers: dict[tuple[str, tuple[str, ...]], PromptWriter] = {}
        self._versions: dict[str, str] = {}
        self._listeners: list[Callable[[str, str, str], None]] = []
        self._said_listeners: list[Callable[[str, DebateMessage], None]] = []

    def agent(self, agent: AgentSettings) -> Agent:
        """One contestant.

        Raises:
            ValueError: If its settings make no agent.
            PromptTemplateError: If its prompt can't be used.
        """
        return self._debate(agent) if agent.kind == "debate" else self._llm(agent)

    def listen(self, listener: Callable[[str, str, str], None]) -> None:
        """Calls `listener` on the event loop with what models say: who asked, role, and a piece of text.

        Who asked is an agent; in a debate that somebody asked for, the agent, ``#`` and the debate's number.
        """
        self._listeners.append(listener)

    def listen_said(self, listener: Callable[[str, DebateMessage], None]) -> None:
        """Calls `listener` on the event loop with what a role of a debate has said, once its turn is over.

        It is given who asked, as in `listen`, and the message; which call brought it may be missing.
        """
        self._said_listeners.append(listener)

    def _say(self, agent: str, role: str, piece: str) -> None:
        for listener in self._listeners:
            listener(agent, role, piece)

    def _tell_said(self, agent: str, message: DebateMessage) -> None:
        for listener in self._said_listeners:
            listener(agent, message)

    def prompt_versions(self) -> dict[str, str]:
        """Agent → what identifies the templates its prompts are made of, of all that were made."""
        return dict(self._versions)

    def _llm(self, agent: AgentSettings) -> Agent:
        writer = self._writer(agent.mind)
        self._versions[agent.name] = writer.version
        return LlmAgent(
            agent.name,
            self._mind(_model(agent), agent.mind),
            self.switchboard,
            writer=writer,
            rules=self._rules(agent),
            start_ms=self._market.start_ms,
            on_words=self._say,
            grounded=partial(self.switchboard.grounded, agent.name),
        )

    def _debate(self, agent: AgentSettings) -> Agent:
        if agent.mind.routing is not None or agent.mind.skip is not None:
            raise ValueError(
                "a debate is held each round: leave mind.routing and mind.skip to agents of kind llm"
            )
        made = DebateAgent(
            agent.name,
            _debate_form(agent, self._settings.models.repair),
            self.switchboard,
            templates=self._templates_of(agent.mind.prompt),
            writer=self._writer(agent.mind),
            rules=self._rules(agent),
            start_ms=self._market.start_ms,
            on_words=self._say,
            on_said=self._tell_said,
            grounded=partial(self.switchboard.grounded, agent.name),
        )
        self._versions[agent.name] = made.prompt_version
        return made

    def _mind(self, model: str, mind: MindSettings) -> Mind:
        repair = self._settings.models.repair
        return Mind(
            model=model,
            max_tokens=mind.max_tokens,
            timeout_s=mind.timeout / 1000,
            max_leverage=mind.max_leverage,
            temperature=mind.temperature,
            repair=None if repair is None else RepairModel(model=repair),
            route=None if mind.routing is None else _route(mind.routing, model, mind.timeout),
            skip=None if mind.skip is None else self._skip_rule(mind.skip),
        )

    def _skip_rule(self, skip: SkipSettings) -> SkipRule:
        return SkipRule(
            max_move=skip.max_move,
            exit_distance=skip.exit_distance,
            max_rounds=skip.max_rounds,
            round_ms=self._round_interval_ms,
            names=coin_names(self._market.instruments),
        )

    def _writer(self, mind: MindSettings) -> PromptWriter:
        key = mind.prompt, mind.timeframes
        if key not in self._writers:
            templates = self._templates_of(mind.prompt)
            self._writers[key] = PromptWriter(templates, MarketForm.of(mind.timeframes))
        return self._writers[key]

    def _templates_of(self, prompt: str) -> PromptTemplates:
        if prompt not in self._templates:
            folder = self._settings.models.prompts / prompt
            if prompt != SHIPPED_PROMPT and not folder.is_dir():
                raise ValueError(f"its prompt is {prompt}, but there is no folder {folder}")
            self._templates[prompt] = PromptTemplates(folder)
        return self._templates[prompt]

    def _rules(self, agent: AgentSettings) -> ArenaRules:
        model = fill_model(self._settings.venue, self._settings.market.seed)
        limits = risk_limits(self._settings, agent.name, self._venue.mode, model.leverage)
        leverage = min(agent.mind.max_leverage, limits.leverage)
        return ArenaRules(
            instruments=self._market.instruments,
            terms=replace(model.margin_terms, leverage=leverage),
            capital=Micros(round(self._settings.arena.agent_capital * MICROS_PER_UNIT)),
            round_interval_ms=self._round_interval_ms,
            may_pyramid=agent.mind.allow_pyramiding,
            may_close_partly=agent.mind.allow_partial_close,
            closes_when_invalid=agent.mind.on_invalidation == "close",
            further_rules=_limits_in_words(limits),
            invalidation_help="",
            answer_schema="",
        )


def _model(agent: AgentSettings) -> str:
    """The model that decides, where it comes to that."""
    routing = agent.mind.routing
    powerful = None if routing is None else routing.powerful
    model = agent.model or powerful
    if model is None:
        raise ValueError("an agent of kind llm needs a model, such as deepseek/deepseek-chat")
    if powerful not in {None, model}:
        raise ValueError(
            f"its model is {model} and its powerful one {powerful}, which would be the same; give one of them"
        )
    if routing is not None and model in routing.cheap:
        raise ValueError(f"{model} is both cheap and powerful; escalating to it changes nothing")
    return model


def _models(agent: AgentSettings) -> tuple[str, ...]:
    """Those without which an agent is not what its settings say."""
    if agent.kind == "debate":
        return _debate_form(agent, None).models if agent.model is not None else ()
    routing = agent.mind.routing
    named = (agent.model,) if routing is None else (*routing.cheap, agent.model or routing.powerful)
    return tuple(model for model in named if model is not None)


def _debate_form(agent: AgentSettings, repair: str | None) -> DebateForm:
    if agent.model is None:
        raise ValueError("an agent of kind debate needs a model, such as deepseek/deepseek-chat")
    mind, held = agent.mind, agent.mind.debate
    speaks = partial(RoleModel, temperature=mind.temperature, max_tokens=mind.max_tokens)
    return DebateForm(
        analysts={role: speaks(model=held.models.get(role, agent.model)) for role in held.analysts},
        judge=speaks(model=held.models.get("judge", agent.model)),
        timeout_s=mind.timeout / 1000,
        max_leverage=mind.max_leverage,
        quorum=held.quorum,
        rebuttals=held.rebuttals,
        analysts_share=held.analysts_share,
        disagreement_below=held.disagreement_below,
        horizon_rounds=held.horizon_rounds,
        tools=ToolLimits() if held.tools else None,
        repair=None if repair is None else RepairModel(model=repair),
        has_shadow=held.shadow,
    )


def _route(routing: RoutingSettings, powerful: str, timeout_ms: int) -> Route:
    return Route(
        mode=routing.mode,
        cheap=routing.cheap,
        powerful=powerful,
        cheap_timeout_s=(routing.cheap_timeout or timeout_ms // 2) / 1000,
        min_confidence=routing.min_confidence,
        max_notional=routing.max_notional,
        max_drawdown=routing.max_drawdown,
        min_agreement=routing.min_agreement,
        shows_cheap=routing.show_cheap,
    )


def _limits_in_words(limits: RiskLimits) -> tuple[str, ...]:
    """What the risk gate will refuse, said before it does."""
    return (
        f"- No order may be worth more than {money(limits.max_order_notional)}.",
        f"- No position may be worth more than {money(limits.max_position_notional)}, nor more than"
        f" {limits.max_concentration:g} times your account value.",
        f"- All your positions together may be worth at most {limits.max_gross_leverage:g} times your"
        " account value, long and short added up.",
    )

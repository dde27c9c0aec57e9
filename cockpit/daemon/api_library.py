"""What the control API tells of the library: models, tools and strategies, and who uses them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cockpit.agents.providers.model_prices import ModelPrice
from cockpit.arena.leaderboard import LeaderboardRow
from cockpit.arena.roster import RosterModel, StrategyUse
from cockpit.daemon.api_models import Answer
from cockpit.strategies.catalog import STRATEGIES
from cockpit.strategies.strategy import Strategy, param_specs


class ModelUseLine(Answer):
    """An agent that asks a model, and in which role, as calls are told: ``decide``, ``judge``, ``bull`` …"""

    agent: str
    role: str


class PriceLine(Answer):
    """Prices of requests with more than so many input tokens, in US dollars per million tokens."""

    above_tokens: int
    input_usd: float
    output_usd: float


class LibraryModel(Answer):
    """A model that somebody may ask, or settings have a route to.

    Attributes:
        model: litellm's name for it.
        provider: Who serves it.
        api_base: Where, if not at its provider's own address.
        uses: Who asks it; empty: nobody.
        prices: By size of the request, the smallest first; empty: nobody knows them.
        request_usd: Dollars for each request besides; null where no price is known.
        price_source: ``settings`` or ``litellm`` (its table); null where no price is known.
        keeps_schema: Whether it keeps to a JSON schema by itself; null where nobody knows.
        context_tokens: How many tokens it reads at most; null where nobody knows.
        key_variable: The environment variable its key is looked for in; null: it takes none.
        missing_key: The variable to set before it can be asked; null: nothing is missing.
        benched_for_s: Real seconds until it may be asked again after failing on end; 0: it may be now.
        calls: Questions in the present run, answered or not.
        failed_calls: That brought no answer.
        unpriced_calls: Whose cost nobody knows.
        cost_at_least: Of all other calls together, US dollars; null where no call has a price.
        median_latency_s: Of answered calls; null without any.
    """

    model: str
    provider: str
    api_base: str | None
    uses: list[ModelUseLine]
    prices: list[PriceLine]
    request_usd: float | None
    price_source: str | None
    keeps_schema: bool | None
    context_tokens: int | None
    key_variable: str | None
    missing_key: str | None
    benched_for_s: float
    calls: int = 0
    failed_calls: int = 0
    unpriced_calls: int = 0
    cost_at_least: float | None = None
    median_latency_s: float | None = None


class ToolParameter(Answer):
    """What a tool is given.

    Attributes:
        type: A JSON type: ``string``, ``integer`` …
        default: What it is unless given; null where it has to be given.
        minimum: The least it may be; null: no bound.
        maximum: The most.
        max_length: Characters at most; null: no bound.
    """

    name: str
    type: str
    description: str
    is_required: bool
    default: str | int | float | bool | None
    minimum: float | None
    maximum: float | None
    max_length: int | None


class LibraryTool(Answer):
    """A tool that models may use.

    Attributes:
        description: What it tells, in the words models are given.
        uses: How often each role used it in the present run, those that did.
    """

    name: str
    description: str
    parameters: list[ToolParameter]
    uses: dict[str, int]


class StrategyParameter(Answer):
    """What of a strategy can be set, within both bounds."""

    name: str
    default: float
    low: float
    high: float
    is_integer: bool


class StrategyUser(Answer):
    """An agent that runs a strategy now.

    Attributes:
        weight: The strategy's share of the agent's blend, 0 … 1; 1 where it is alone.
        rank: On the leaderboard; null before the run, and without one.
        return_percent: Of its capital; null before it has any.
    """

    agent: str
    weight: float
    rank: int | None
    return_percent: float | None


class LibraryStrategy(Answer):
    """A trading rule.

    Attributes:
        summary: One line on what it does.
        is_control: Whether it only shows what luck, the market or doing nothing would have earned.
        cross_symbol: Whether it decides over all symbols at once.
        warmup_bars: How many bars it must have seen, with default parameters, before it has an opinion.
        reasons: What it says of its decisions.
    """

    name: str
    summary: str
    is_control: bool
    cross_symbol: bool
    warmup_bars: int
    parameters: list[StrategyParameter]
    reasons: list[str]
    agents: list[StrategyUser]


def models_answer(
    models: Sequence[RosterModel], figures: Mapping[str, Mapping[str, Any]]
) -> list[LibraryModel]:
    """The models of an arena.

    Args:
        models: As the arena knows them.
        figures: What was asked of each, as `read_model_figures` gives it.
    """
    return [_model(each, figures.get(each.facts.model, {})) for each in models]


def _model(model: RosterModel, figures: Mapping[str, Any]) -> LibraryModel:
    facts = model.facts
    return LibraryModel(
        model=facts.model,
        provider=facts.provider,
        api_base=facts.api_base,
        uses=[ModelUseLine(agent=use.agent, role=use.role) for use in model.uses],
        prices=list(_prices(facts.price)),
        request_usd=None if facts.price is None else float(facts.price.request_usd),
        price_source=facts.price_source,
        keeps_schema=facts.keeps_schema,
        context_tokens=facts.context_tokens,
        key_variable=facts.key_variable,
        missing_key=facts.missing_key,
        benched_for_s=model.benched_for_s,
        **figures,
    )


def _prices(price: ModelPrice | None) -> Iterator[PriceLine]:
    for tier in () if price is None else price.tiers:
        yield PriceLine(
            above_tokens=tier.above_tokens,
            input_usd=float(tier.input_usd),
            output_usd=float(tier.output_usd),
        )


def tools_answer(uses: Mapping[str, Mapping[str, int]]) -> list[LibraryTool]:
    """All tools.

    Args:
        uses: Tool → role → how often, as `read_tool_uses` gives it.
    """
    from cockpit.agents.tools.toolbox import TOOLS  # noqa: PLC0415 - what only models need comes late

    return [
        LibraryTool(
            name=tool.name,
            description=tool.description,
            parameters=[
                _tool_parameter(name, said, tool.spec.parameters["required"])
                for name, said in tool.spec.parameters["properties"].items()
            ],
            uses=dict(uses.get(tool.name, {})),
        )
        for tool in TOOLS
    ]


def _tool_parameter(name: str, said: Mapping[str, Any], required: Sequence[str]) -> ToolParameter:
    return ToolParameter(
        name=name,
        type=said.get("type", "any"),
        description=said.get("description", ""),
        is_required=name in required,
        default=said.get("default"),
        minimum=said.get("minimum"),
        maximum=said.get("maximum"),
        max_length=said.get("maxLength"),
    )


def strategies_answer(
    uses: Mapping[str, Sequence[StrategyUse]], standings: Sequence[LeaderboardRow]
) -> list[LibraryStrategy]:
    """The whole strategy library.

    Args:
        uses: Who runs which.
        standings: How agents stand.
    """
    rows = {each.agent: each for each in standings}
    return [
        _strategy(each, [_user(use, rows.get(use.agent)) for use in uses.get(name, ())])
        for name, each in STRATEGIES.items()
    ]


def _strategy(strategy: type[Strategy], agents: list[StrategyUser]) -> LibraryStrategy:
    return LibraryStrategy(
        name=strategy.name,
        summary=strategy.summary,
        is_control=strategy.is_control,
        cross_symbol=strategy.cross_symbol,
        warmup_bars=strategy.warmup_bars(strategy.make_params({})),
        parameters=[
            StrategyParameter(
                name=spec.name,
                default=spec.default,
                low=spec.low,
                high=spec.high,
                is_integer=spec.is_integer,
            )
            for spec in param_specs(strategy.Params)
        ],
        reasons=list(strategy.reasons),
        agents=agents,
    )


def _user(use: StrategyUse, standing: LeaderboardRow | None) -> StrategyUser:
    growth = None if standing is None else standing.return_fraction
    return StrategyUser(
        agent=use.agent,
        weight=use.weight,
        rank=None if standing is None else standing.rank,
        return_percent=None if growth is None else 100 * growth,
    )

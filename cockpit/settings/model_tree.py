"""Settings of language models: how they are reached, what they cost, what may be spent."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from cockpit.domain.debates import AnalystRole
from cockpit.domain.formats import duration
from cockpit.domain.routing import MAX_CHEAP_MODELS, RoutingMode
from cockpit.settings.section import Section
from cockpit.settings.values import DurationMs

Dollars = Annotated[float, Field(ge=0, le=1_000_000)]
NAME_SHAPE = r"^[a-z0-9][a-z0-9_-]{0,31}$"
MODEL_SHAPE = r"^[\w.:@+-]+(/[\w.:@+-]+)+$"
VARIABLE_SHAPE = r"^[A-Z][A-Z0-9_]*$"
ADDRESS_SHAPE = r"^https?://\S+$"
SHAPES_TOLD = {
    NAME_SHAPE: "use lower-case letters, digits, - and _, 32 of them at most",
    MODEL_SHAPE: "give litellm's name with its provider, such as deepseek/deepseek-chat",
    VARIABLE_SHAPE: "name an environment variable, such as DEEPSEEK_API_KEY",
    ADDRESS_SHAPE: "give an address that begins with http:// or https://",
}
"""What to write where a text has to have one of these shapes."""

ModelName = Annotated[str, Field(pattern=MODEL_SHAPE, max_length=200)]
SHIPPED_PROMPT = "nof1"
VariableName = Annotated[str, Field(pattern=VARIABLE_SHAPE, max_length=100)]


class BudgetSettings(Section):
    """What may be spent on models, in US dollars; not set: no limit.

    Attributes:
        total: In the whole life of the bot's journal.
        per_day: In one UTC day of real time.
    """

    total: Dollars | None = None
    per_day: Dollars | None = None


class ModelRouteSettings(Section):
    """One model, where what litellm knows of it is not enough.

    Attributes:
        api_base: Where it is reached, such as ``http://127.0.0.1:11434``.
        key: The environment variable its key stands in; by its provider unless given.
        input_price: Dollars per million tokens read.
        output_price: Dollars per million tokens written.
        cached_price: Dollars per million tokens read that its provider had in its cache; as all others
            unless given.
        structured: Whether it keeps to a JSON schema by itself; by what litellm knows unless given.
        knowledge_cutoff: The last day it has read about, such as ``2025-06-30``.
    """

    api_base: Annotated[str, Field(pattern=ADDRESS_SHAPE, max_length=500)] | None = None
    key: VariableName | None = None
    input_price: Dollars | None = None
    output_price: Dollars | None = None
    cached_price: Dollars | None = None
    structured: bool | None = None
    knowledge_cutoff: date | None = None

    @model_validator(mode="after")
    def _priced_wholly_or_not(self) -> "ModelRouteSettings":
        both = self.input_price is not None, self.output_price is not None
        if any(both) != all(both):
            raise ValueError("give input_price and output_price, or neither: half a price is none")
        if self.cached_price is not None and not all(both):
            raise ValueError("cached_price goes with input_price and output_price: give them as well")
        if (self.cached_price or 0) > (self.input_price or 0):
            raise ValueError("cached_price is above input_price: what was cached costs less, never more")
        return self


class ModelSettings(Section):
    """Models of all agents.

    Attributes:
        mode: ``live``; ``record``: live, and every call is kept; ``replay``: only what was recorded is said.
        recording: The file of recorded calls; ``calls.jsonl`` in the bot's folder unless given.
        keys_file: Lines of NAME=value with models' keys, readable by nobody else (mode 0600).
        prompts: The folder of own prompts, each a folder of templates; ``config/prompts`` unless given.
        concurrency: Calls to one provider at a time.
        attempts: How often a call is tried where the provider is busy or out of order.
        repair: A cheap model that is asked once to mend the form of an answer; not set: none.
        budget: Of all agents together.
        routes: Model → how it is reached and what it costs.
    """

    mode: Literal["live", "record", "replay"] = "live"
    recording: Path | None = None
    keys_file: Path | None = None
    prompts: Path = Path("config/prompts")
    concurrency: Annotated[int, Field(ge=1, le=100)] = 8
    attempts: Annotated[int, Field(ge=1, le=10)] = 4
    repair: ModelName | None = None
    budget: BudgetSettings = BudgetSettings()
    routes: dict[ModelName, ModelRouteSettings] = Field(default_factory=dict)


class RoutingSettings(Section):
    """Cheap models first, a powerful one where their word is not good enough.

    Attributes:
        mode: ``cheap_first``: the cheap models decide unless something escalates it; ``escalation_only``:
            they only watch, and without escalation everything stays as it is.
        cheap: Models that are asked first, all at once.
        powerful: The one that decides where something escalates it; the agent's own ``model`` unless given.
        cheap_timeout: Real time the cheap models may take; half of the agent's unless given.
        min_confidence: Escalates what a cheap model wants to do with less confidence than this; 0: nothing.
        max_notional: Escalates entries that are together worth more than so many times equity; 0: all.
        max_drawdown: Escalates what is at risk while equity is down by more than this fraction; 1: nothing.
        min_agreement: Escalates where fewer of several cheap models than this fraction take the same side.
        show_cheap: Whether the powerful model is shown what the cheap ones answered.
    """

    mode: RoutingMode = RoutingMode.CHEAP_FIRST
    cheap: Annotated[tuple[ModelName, ...], Field(min_length=1, max_length=MAX_CHEAP_MODELS)]
    powerful: ModelName | None = None
    cheap_timeout: DurationMs | None = None
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.6
    max_notional: Annotated[float, Field(ge=0, le=100)] = 2.0
    max_drawdown: Annotated[float, Field(ge=0, le=1)] = 0.1
    min_agreement: Annotated[float, Field(ge=0, le=1)] = 0.6
    show_cheap: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> "RoutingSettings":
        if len(set(self.cheap)) < len(self.cheap):
            raise ValueError("cheap names a model twice, which would agree with itself; name each once")
        if self.powerful in self.cheap:
            raise ValueError(f"{self.powerful} is both cheap and powerful; escalating to it changes nothing")
        if len(self.cheap) == 1 and "min_agreement" in self.model_fields_set:
            raise ValueError("min_agreement needs several cheap models; name more, or leave it out")
        return self


class SkipSettings(Section):
    """When no model is asked in a round, since nothing has moved since they were asked last.

    Attributes:
        max_move: Asks where a coin's price is off by more than this fraction.
        exit_distance: Asks where a position's price is within this fraction of its stop, target or
            invalidation.
        max_rounds: Asks after so many rounds in a row that were skipped.
    """

    max_move: Annotated[float, Field(gt=0, le=0.1)] = 0.001
    exit_distance: Annotated[float, Field(ge=0, le=0.5)] = 0.005
    max_rounds: Annotated[int, Field(ge=1, le=1_000)] = 5


class DebateSettings(Section):
    """How several roles debate before a judge decides; all speak with the agent's own model unless told.

    Attributes:
        analysts: Who speaks.
        models: Role, or ``judge`` → its model, where it is another.
        quorum: How many analysts must have said something that can be used.
        rebuttals: How often each may answer the others.
        analysts_share: Fraction of the time that analysts may use up; the rest is the judge's.
        disagreement_below: An agreement below this is a disagreement.
        horizon_rounds: After how many rounds it shows whether a stance was right.
        tools: Whether analysts may look things up; their models must take tools.
        shadow: Whether the judge is asked beside the debate as well, to measure what the debate adds.
    """

    analysts: Annotated[tuple[AnalystRole, ...], Field(min_length=1)] = tuple(AnalystRole)
    models: dict[AnalystRole | Literal["judge"], ModelName] = Field(default_factory=dict)
    quorum: Annotated[int, Field(ge=1, le=5)] = 3
    rebuttals: Annotated[int, Field(ge=0, le=2)] = 0
    analysts_share: Annotated[float, Field(gt=0, lt=1)] = 0.6
    disagreement_below: Annotated[float, Field(ge=0, le=1)] = 0.6
    horizon_rounds: Annotated[int, Field(ge=1, le=10_000)] = 20
    tools: bool = True
    shadow: bool = False

    @model_validator(mode="after")
    def _can_be_held(self) -> "DebateSettings":
        if len(set(self.analysts)) < len(self.analysts):
            raise ValueError("analysts names a role twice; name each once")
        if self.quorum > len(self.analysts):
            raise ValueError(f"a quorum of {self.quorum} can't be met by {len(self.analysts)} analysts")
        return self


class MindSettings(Section):
    """How an agent uses its model.

    Attributes:
        temperature: The provider's own unless given.
        max_tokens: Of one answer.
        timeout: Real time it may take to decide, everything counted.
        timeframes: What it is shown besides: the first is looked at closely, the last is the wide view.
        prompt: A folder of `ModelSettings.prompts` whose templates take the place of the shipped ones.
        max_leverage: The most it may ask for.
        allow_partial_close: Whether it may close a part of a position.
        allow_pyramiding: Whether it may add to a position.
        on_invalidation: What is done when the condition comes about under which it said it would be wrong.
        budget: Its own, besides that of all agents.
        routing: Which models are asked before its own; not set: none.
        skip: When none is asked; not set: one always is.
        debate: For kind ``debate``: how it is held.
    """

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(ge=64, le=64_000)] = 4_000
    timeout: DurationMs = 90_000
    timeframes: tuple[str, ...] = ("3m", "4h")
    prompt: Annotated[str, Field(pattern=NAME_SHAPE)] = SHIPPED_PROMPT
    max_leverage: Annotated[float, Field(ge=1, le=100)] = 10.0
    allow_partial_close: bool = False
    allow_pyramiding: bool = False
    on_invalidation: Literal["close", "alert"] = "close"
    budget: BudgetSettings = BudgetSettings()
    routing: RoutingSettings | None = None
    skip: SkipSettings | None = None
    debate: DebateSettings = DebateSettings()

    @model_validator(mode="after")
    def _leaves_time(self) -> "MindSettings":
        cheap_timeout = None if self.routing is None else self.routing.cheap_timeout
        if cheap_timeout is not None and cheap_timeout >= self.timeout:
            raise ValueError(
                f"routing.cheap_timeout of {duration(cheap_timeout)} leaves no time for the powerful model of"
                f" the {duration(self.timeout)} there are (timeout)"
            )
        return self

"""What a tool is: a name, a form of its arguments, and a pure function of what an agent sees.

To add one, write such a function in a file of this folder and put a `Tool` for it into `toolbox.TOOLS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from cockpit.agents.agent import AccountView, MarketView
from cockpit.agents.models.model_call import ToolSpec
from cockpit.agents.prompts.figures import NO_EXTRAS, MarketExtras
from cockpit.domain.market import Instrument
from cockpit.domain.spoken_names import spoken_names
from cockpit.trading.margin import MarginTerms

NOT_GIVEN = "n/a: this market gives none"
"""What a tool says of a quantity that is unknown here; it never stands for 0."""


class ToolRefused(Exception):
    """A tool can't answer these arguments; the message says why, for the model."""


@dataclass(frozen=True, kw_only=True)
class Sight:
    """All that tools can see, which is what the agent was shown.

    Attributes:
        view: Of the market.
        own: Of the agent's account.
        terms: What it may lend, and what stands behind its positions.
        extras: What the market tells besides prices.
        checked: Symbols whose target has a condition that the arena checks.
        traded: What the account may hold, by symbol, where the view shows less than that.
    """

    view: MarketView
    own: AccountView
    terms: MarginTerms
    extras: MarketExtras = NO_EXTRAS
    checked: frozenset[str] = field(default_factory=frozenset)
    traded: Mapping[str, Instrument] = field(default_factory=dict)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Symbol → what models are told to call it."""
        return spoken_names(self.view.instruments.values())

    def instrument(self, coin: str) -> Instrument:
        """The instrument a model means by a coin's name or a symbol, in any case.

        Raises:
            ToolRefused: If there is none.
        """
        wanted = coin.strip().casefold()
        for symbol, name in self.names.items():
            if wanted in {symbol.casefold(), name.casefold()}:
                return self.view.instruments[symbol]
        raise ToolRefused(f"no such coin here; there are {', '.join(self.names.values())}")

    def timeframe(self, name: str) -> str:
        """A timeframe of which there are candles.

        Raises:
            ToolRefused: If there are none.
        """
        there = self.view.candles.timeframes
        if name not in there:
            raise ToolRefused(f"no such timeframe; there are {', '.join(there)}")
        return name


class Arguments(BaseModel):
    """What a tool is given; nothing besides."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")


class NoArguments(Arguments):
    """Of a tool that takes none."""


class CoinArguments(Arguments):
    """Of a tool that tells of one coin."""

    coin: str = Field(max_length=60, description="Name of the coin, as in the prompt.")


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One tool.

    Attributes:
        name: Unique among the tools.
        description: What it tells, in words for the model.
        arguments: Their form.
        answer: What it tells, as JSON-like values of bounded size; raises `ToolRefused` where it can't.
    """

    name: str
    description: str
    arguments: type[Arguments]
    answer: Callable[[Sight, Any], Mapping[str, Any]]

    @cached_property
    def spec(self) -> ToolSpec:
        """The tool as models are offered it."""
        return ToolSpec(name=self.name, description=self.description, parameters=_plain(self.arguments))


def _plain(arguments: type[Arguments]) -> dict[str, Any]:
    schema = arguments.model_json_schema()
    properties = schema.get("properties", {})
    for each in properties.values():
        each.pop("title", None)
    return {
        "type": "object",
        "properties": properties,
        "required": list(schema.get("required", ())),
        "additionalProperties": False,
    }

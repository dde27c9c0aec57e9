"""What people are told of a model that can be asked."""

from dataclasses import dataclass
from enum import StrEnum

from cockpit.agents.providers.api_keys import ApiKeys, masked
from cockpit.agents.providers.model_prices import ModelPrice
from cockpit.agents.providers.model_route import AnswerForm, ModelRoute
from cockpit.agents.providers.model_table import ModelTable, TableEntry, provider_of


class Source(StrEnum):
    """Where a fact is from."""

    SETTINGS = "settings"
    TABLE = "litellm"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What is known of a model before any call. Unknown is None.

    Attributes:
        model: litellm's name for it.
        provider: Who serves it.
        api_base: Where, if not at its provider's own address; no key is in it.
        price: Of its tokens.
        price_source: Who says so.
        keeps_schema: Whether it keeps to a JSON schema by itself.
        context_tokens: How many tokens it reads at most.
        key_variable: The environment variable its key is looked for in; None: it takes none.
        missing_key: The variable to set before it can be asked; None where nothing is missing.
    """

    model: str
    provider: str
    api_base: str | None
    price: ModelPrice | None
    price_source: Source | None
    keeps_schema: bool | None
    context_tokens: int | None
    key_variable: str | None
    missing_key: str | None


def model_facts(
    route: ModelRoute, price: ModelPrice | None, variables: tuple[str, ...], keys: ApiKeys, table: ModelTable
) -> ModelFacts:
    """What is known of one model.

    As with prices, the table is not asked about a model on another server than its provider's own.

    Args:
        route: How it is reached.
        price: Its price.
        variables: Those its key may stand in, the one to set first.
        keys: The keys there are.
        table: litellm's local table.
    """
    entry = table.entry(route.model) if route.api_base is None else None
    set_variable = next(filter(keys.value, variables), None)
    first = variables[0] if variables else None
    return ModelFacts(
        model=route.model,
        provider=provider_of(route.model),
        api_base=None if route.api_base is None else masked(route.api_base, keys.secrets),
        price=price,
        price_source=_price_source(route, price),
        keeps_schema=_keeps_schema(route, entry),
        context_tokens=_context_tokens(entry),
        key_variable=set_variable or first,
        missing_key=first if set_variable is None else None,
    )


def _price_source(route: ModelRoute, price: ModelPrice | None) -> Source | None:
    if price is None:
        return None
    return Source.TABLE if route.input_usd_per_million is None else Source.SETTINGS


def _keeps_schema(route: ModelRoute, entry: TableEntry | None) -> bool | None:
    if route.answer_form is not None:
        return route.answer_form is AnswerForm.SCHEMA
    return None if entry is None else entry.says("supports_response_schema")


def _context_tokens(entry: TableEntry | None) -> int | None:
    if entry is None:
        return None
    tokens = entry.facts.get("max_input_tokens", entry.facts.get("max_tokens"))
    return tokens if isinstance(tokens, int) and tokens > 0 else None

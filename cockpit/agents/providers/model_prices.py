"""What a model's tokens cost: as settings say, else as litellm's local table says, else nobody knows.

Dollars per million tokens are micro-dollars per token, so tokens times price is money as it is counted here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

import msgspec

from cockpit.agents.models.model_call import ModelRequest
from cockpit.agents.providers.model_route import ModelRoute
from cockpit.agents.providers.model_table import ModelTable, TableEntry
from cockpit.domain.market import Micros

_LOCAL_PROVIDERS = frozenset({"ollama", "ollama_chat"})
"""Where a price of 0 in the table is one: anywhere else it stands for a free trial, or for not knowing."""

MESSAGE_OVERHEAD_TOKENS = 16
"""A message's role and separators."""

REQUEST_OVERHEAD_TOKENS = 2_048
"""What a provider adds of its own, such as its instructions for using tools."""

_ABOVE = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTier:
    """Prices of a request by its size.

    Attributes:
        above_tokens: Holds for requests with more input tokens than this.
        input_usd: Dollars per million input tokens.
        output_usd: Dollars per million output tokens.
        cached_usd: Dollars per million input tokens that the provider had in its cache; None: no less.
    """

    above_tokens: int
    input_usd: Decimal
    output_usd: Decimal
    cached_usd: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPrice:
    """What a model's tokens cost.

    Attributes:
        tiers: By size, the smallest first and from 0 on.
        request_usd: Dollars for each request, besides its tokens.
    """

    tiers: tuple[PriceTier, ...]
    request_usd: Decimal = Decimal(0)

    def cost(
        self, input_tokens: int | None, output_tokens: int | None, cached_tokens: int = 0
    ) -> Micros | None:
        """Micro-dollars, rounded up; None where a count is unknown.

        Args:
            input_tokens: All that were read.
            output_tokens: All that were written.
            cached_tokens: Of the input, those the provider had in its cache.
        """
        if input_tokens is None or output_tokens is None:
            return None
        tier = [tier for tier in self.tiers if input_tokens > tier.above_tokens or tier.above_tokens == 0][-1]
        cached_usd = tier.input_usd if tier.cached_usd is None else tier.cached_usd
        micros = (input_tokens - cached_tokens) * tier.input_usd + cached_tokens * cached_usd
        micros += output_tokens * tier.output_usd
        return Micros(int((micros + self.request_usd * 1_000_000).to_integral_value(ROUND_CEILING)))

    def worst_case(self, request: ModelRequest) -> Micros:
        """Micro-dollars one request can cost at most.

        Input counts as if each byte were a token and none were cached, output in full.

        Source: byte-level tokenizers (GPT-2 and after) never make more tokens than there are bytes.
        """
        tokens = input_token_bound(request)
        tiers = [tier for tier in self.tiers if tokens > tier.above_tokens or tier.above_tokens == 0]
        micros = tokens * max(tier.input_usd for tier in tiers)
        micros += request.max_tokens * max(tier.output_usd for tier in tiers)
        return Micros(int((micros + self.request_usd * 1_000_000).to_integral_value(ROUND_CEILING)))


def input_token_bound(request: ModelRequest) -> int:
    """More tokens than this a request's input can't have."""
    asked = (request.messages, request.tools, request.schema)
    written = len(msgspec.json.encode(asked))
    return written + MESSAGE_OVERHEAD_TOKENS * len(request.messages) + REQUEST_OVERHEAD_TOKENS


def price_of(route: ModelRoute, table: ModelTable) -> ModelPrice | None:
    """A model's price, or None where nobody knows it.

    The table is not asked about a model on another server than its provider's own: that one has prices of
    its own, or none.
    """
    if route.input_usd_per_million is not None and route.output_usd_per_million is not None:
        cached = route.cached_usd_per_million
        declared = PriceTier(
            above_tokens=0,
            input_usd=Decimal(repr(route.input_usd_per_million)),
            output_usd=Decimal(repr(route.output_usd_per_million)),
            cached_usd=None if cached is None else Decimal(repr(cached)),
        )
        return ModelPrice(tiers=(declared,))
    if route.api_base is not None or (entry := table.entry(route.model)) is None:
        return None
    return _tabled(entry)


def _tabled(entry: TableEntry) -> ModelPrice | None:
    tiers = _by_size(entry.facts) if "tiered_pricing" not in entry.facts else _by_range(entry.facts)
    if not tiers:
        return None
    free = not any(tier.input_usd or tier.output_usd for tier in tiers)
    if free and entry.provider not in _LOCAL_PROVIDERS:
        return None
    request_usd = _decimal(entry.facts.get("input_cost_per_request")) or Decimal(0)
    return ModelPrice(tiers=tiers, request_usd=request_usd)


def _by_size(facts: Mapping[str, Any]) -> tuple[PriceTier, ...]:
    tiers = [_tier(0, facts, "")]
    above = [found[1] for found in map(_ABOVE.fullmatch, facts) if found is not None]
    tiers += [_tier(int(thousands) * 1_000, facts, f"_above_{thousands}k_tokens") for thousands in above]
    whole = [tier for tier in tiers if tier is not None]
    if tiers[0] is None or len(whole) < len(tiers):
        return ()
    return tuple(sorted(whole, key=lambda tier: tier.above_tokens))


def _by_range(facts: Mapping[str, Any]) -> tuple[PriceTier, ...]:
    tiers = [_tier(int(tier["range"][0]), tier, "") for tier in facts["tiered_pricing"] if "range" in tier]
    whole = sorted((tier for tier in tiers if tier is not None), key=lambda tier: tier.above_tokens)
    return tuple(whole) if whole and len(whole) == len(tiers) and whole[0].above_tokens == 0 else ()


def _tier(above_tokens: int, facts: Mapping[str, Any], suffix: str) -> PriceTier | None:
    read = _decimal(facts.get(f"input_cost_per_token{suffix}"))
    written = _decimal(facts.get(f"output_cost_per_token{suffix}"))
    if read is None or written is None:
        return None
    thought = _decimal(facts.get(f"output_cost_per_reasoning_token{suffix}")) or Decimal(0)
    output = max(written, thought)  # a reply's count does not say which of its tokens were which
    cached = _decimal(facts.get(f"cache_read_input_token_cost{suffix}"))
    return PriceTier(
        above_tokens=above_tokens,
        input_usd=read * 1_000_000,
        output_usd=output * 1_000_000,
        # The table has 0 where nobody has looked it up: no provider gives input away.
        cached_usd=min(cached, read) * 1_000_000 if cached else None,
    )


def _decimal(price: object) -> Decimal | None:
    if not isinstance(price, int | float) or isinstance(price, bool) or not 0 <= price < 1:
        return None
    return Decimal(repr(price))

"""How a model is reached, and what the way to models may take: as settings give it."""

from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite

from cockpit.agents.providers.call_circuit import CircuitLimits

MIB = 1024 * 1024


class AnswerForm(StrEnum):
    """How a model is held to a schema."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    FREE = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRoute:
    """How one model is reached.

    Attributes:
        model: litellm's name for it, such as ``deepseek/deepseek-chat``.
        api_base: Where it is served, if not at its provider's own address.
        key_variable: Environment variable its key stands in; None: its provider's own variable, or no key
            where `api_base` is given: a provider's key never goes to somebody else's server unasked.
        input_usd_per_million: Price of a million input tokens; both prices or none.
        output_usd_per_million: Price of a million output tokens.
        cached_usd_per_million: Price of a million input tokens that the provider had in its cache; None: that
            of all others.
        answer_form: How it is held to a schema; None: as litellm's table says of it.
    """

    model: str
    api_base: str | None = None
    key_variable: str | None = None
    input_usd_per_million: float | None = None
    output_usd_per_million: float | None = None
    cached_usd_per_million: float | None = None
    answer_form: AnswerForm | None = None

    def __post_init__(self) -> None:
        prices = (self.input_usd_per_million, self.output_usd_per_million)
        given = [price for price in prices if price is not None]
        if len(given) == 1:
            raise ValueError(f"{self.model}: give the price of input and of output tokens, or neither")
        if self.cached_usd_per_million is not None:
            if not given:
                raise ValueError(
                    f"{self.model}: a price of cached tokens goes with those of all others: give them"
                )
            given.append(self.cached_usd_per_million)
        if any(not isfinite(price) or price < 0 for price in given):
            raise ValueError(f"{self.model}: a price is a number of dollars, 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayLimits:
    """What calls may take.

    Attributes:
        concurrency_per_provider: Requests under way at once; more wait in line.
        attempts: Requests one call may send.
        backoff_s: Longest wait before the second attempt; each further one doubles it.
        max_backoff_s: The longest. What a provider asks for (Retry-After) goes before both.
        reply_bytes: Of UTF-8; a longer reply is cut there, its finish_reason ``length``.
        raw_bytes: About as many are kept of a reply's raw form.
        circuit: When a model is benched.
    """

    concurrency_per_provider: int = 64
    attempts: int = 3
    backoff_s: float = 0.5
    max_backoff_s: float = 8.0
    reply_bytes: int = MIB
    raw_bytes: int = MIB // 4
    circuit: CircuitLimits = field(default_factory=CircuitLimits)

    def __post_init__(self) -> None:
        counts = (self.concurrency_per_provider, self.attempts, self.reply_bytes, self.raw_bytes)
        if min(counts) < 1 or not 0 < self.backoff_s <= self.max_backoff_s:
            raise ValueError("limits of calls are 1 or more, and 0 < backoff_s <= max_backoff_s")

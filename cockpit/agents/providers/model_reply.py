"""A model's answer, as it is given on and kept: sound Unicode, bounded, without secrets, priced."""

from decimal import Decimal
from math import ceil
from typing import Any

import msgspec

from cockpit.agents.models.model_call import ModelReply, ToolCall
from cockpit.agents.providers.api_keys import masked, without_secrets
from cockpit.agents.providers.model_prices import ModelPrice
from cockpit.agents.providers.model_stream import Answer
from cockpit.domain.market import MICROS_PER_UNIT, Micros
from cockpit.domain.plain_text import plain_text

_CUT = " …[cut]"
_BYTES_PER_CHARACTER = 6  # of JSON, at most
_LONGEST_SECRET = 1_000
_MOST_RAW_CALLS = 100
_BILLS_IN_DOLLARS = frozenset({"openrouter"})
"""Providers whose usage says what the answer cost; others may mean credits, or cents."""


def reply_of(
    answer: Answer,
    *,
    secrets: tuple[str, ...],
    raw_bytes: int,
    provider: str,
    price: ModelPrice | None,
    in_doubt: Micros | None,
    latency_ms: int,
    attempts: int,
) -> ModelReply:
    """The reply an answer makes.

    Args:
        answer: As it was read.
        secrets: To be masked, the longest first.
        raw_bytes: About as many are kept of its raw form.
        provider: litellm's name for who served it.
        price: Of the model; None where nobody knows it.
        in_doubt: Micro-dollars that earlier attempts of the call may have cost; None where nobody knows.
        latency_ms: Of the call.
        attempts: Requests that were sent.
    """
    own = _cost(answer, price, provider)
    calls = tuple(
        ToolCall(
            call_id=_words(call.call_id, secrets),
            name=_words(call.name, secrets),
            arguments=_words(call.arguments, secrets),
        )
        for call in answer.tool_calls
    )
    return ModelReply(
        text=_words(answer.text, secrets),
        tool_calls=calls,
        finish_reason=plain_text(answer.finish_reason, 40),
        input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens,
        cost=None if own is None or in_doubt is None else Micros(own + in_doubt),
        latency_ms=latency_ms,
        attempts=attempts,
        raw=raw_of(answer, secrets, raw_bytes),
    )


def _cost(answer: Answer, price: ModelPrice | None, provider: str) -> Micros | None:
    """Micro-dollars, rounded up: the provider's own bill goes before what prices come to."""
    if provider in _BILLS_IN_DOLLARS and answer.billed_usd is not None:
        return Micros(ceil(Decimal(repr(answer.billed_usd)) * MICROS_PER_UNIT))
    if price is None:
        return None
    return price.cost(answer.input_tokens, answer.output_tokens, answer.cached_tokens)


def raw_of(answer: Answer, secrets: tuple[str, ...], raw_bytes: int) -> str:
    """The answer in the form of OpenAI's interface, as JSON; long texts in it are cut, it stays JSON."""
    left = raw_bytes // _BYTES_PER_CHARACTER

    def kept(text: str) -> str:
        nonlocal left
        masked_text = masked(_words(text[: left + _LONGEST_SECRET], secrets), secrets)
        cut = masked_text[:left]
        whole = len(text) <= left + _LONGEST_SECRET and len(cut) == len(masked_text)
        left -= len(cut)
        return cut if whole else cut + _CUT

    message: dict[str, Any] = {"role": "assistant", "content": kept(answer.text)}
    if answer.reasoning:
        message["reasoning_content"] = kept(answer.reasoning)
    if answer.tool_calls:
        message["tool_calls"] = [
            {
                "id": kept(call.call_id),
                "function": {"name": kept(call.name), "arguments": kept(call.arguments)},
            }
            for call in answer.tool_calls[:_MOST_RAW_CALLS]
        ]
    raw = {
        "id": kept(answer.response_id),
        "model": kept(answer.served_model),
        "choices": [{"index": 0, "finish_reason": kept(answer.finish_reason), "message": message}],
        "usage": answer.usage,
    }
    return without_secrets(msgspec.json.encode(raw).decode(), secrets)


def _words(text: str, secrets: tuple[str, ...]) -> str:
    """Halves of a character that came in two pieces are put together, lone ones replaced."""
    sound = text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return without_secrets(sound, secrets)

"""What a provider counted of one answer's tokens, as far as that makes sense."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MOST_TOKENS = 10_000_000
"""More than any model reads or writes; a count above says nothing."""

_MOST_USD = 1_000
"""For one answer; more than that is a mistake, or no dollars."""

_MOST_COUNTS = 40
_NAME_CHARS = 200
_LARGEST_NUMBER = 2**53


@dataclass(slots=True)
class _Count:
    """One count: the largest, since every provider that tells more than once counts up."""

    largest: int | None = None
    sound: bool = True

    def add(self, said: object) -> None:
        if said is None:
            return
        if type(said) is int and 0 <= said <= _MOST_TOKENS:
            self.largest = max(self.largest or 0, said)
        else:
            self.sound = False

    def value(self, *, none_is_sound: bool) -> int | None:
        return self.largest if self.sound and (self.largest or none_is_sound) else None


class TokenCounts:
    """Takes in what a provider says while it streams an answer, in OpenAI's words.

    Attributes:
        usage: The provider's own numbers, the last there were; None while there are none.
    """

    def __init__(self) -> None:
        self.usage: Mapping[str, Any] | None = None
        self._input, self._output, self._cached = _Count(), _Count(), _Count()

    def add(self, said: Mapping[str, Any]) -> None:
        """Takes in what was said."""
        self.usage = usage = _numbers(said)
        self._input.add(usage.get("prompt_tokens"))
        self._output.add(usage.get("completion_tokens"))
        self._cached.add(_cached_tokens(usage))

    @property
    def input_tokens(self) -> int | None:
        """Tokens read; None where nothing sound was said, and none at all is not."""
        return self._input.value(none_is_sound=False)

    @property
    def cached_tokens(self) -> int:
        """Those of them that the provider had in its cache; 0 where nothing sound was said."""
        return min(self._cached.value(none_is_sound=True) or 0, self.input_tokens or 0)

    @property
    def billed_usd(self) -> float | None:
        """What the provider itself says the answer cost; None where it says nothing sound.

        With the person's own key at whoever serves the model, OpenRouter bills no more than its fee.

        Source: OpenRouter's documentation, "Usage accounting".
        """
        said = {} if self.usage is None else self.usage
        billed = said.get("cost")
        if isinstance(billed, bool) or not isinstance(billed, int | float) or said.get("is_byok"):
            return None
        return float(billed) if 0 <= billed < _MOST_USD else None

    def output_tokens(self, *, is_empty: bool) -> int | None:
        """Tokens written; None where nothing sound was said, and none at all is not unless nothing came."""
        return self._output.value(none_is_sound=is_empty)


def _cached_tokens(usage: Mapping[str, Any]) -> object:
    """In OpenAI's words, into which litellm puts most others'; else in DeepSeek's or Moonshot's."""
    details = usage.get("prompt_tokens_details")
    common = details.get("cached_tokens") if isinstance(details, Mapping) else None
    said = (common, usage.get("prompt_cache_hit_tokens"), usage.get("cached_tokens"))
    return next((each for each in said if each is not None), None)


def _numbers(said: Mapping[str, Any], depth: int = 2) -> dict[str, Any]:
    """What counts something; a provider may put anything there."""
    counts: dict[str, Any] = {}
    for name, value in list(said.items())[:_MOST_COUNTS]:
        if isinstance(value, Mapping) and depth:
            counts[name[:_NAME_CHARS]] = _numbers(value, depth - 1)
        elif isinstance(value, int | float) and abs(value) < _LARGEST_NUMBER:
            counts[name[:_NAME_CHARS]] = value
    return counts

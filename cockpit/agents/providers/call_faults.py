"""What an error of litellm means: which fault, whether to try again, when, and one line for people.

litellm wraps what a provider said in errors of its own, and calls a lost connection a status of 500; so the
whole chain of causes is looked at. Nothing of litellm is imported for it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from cockpit.agents.models.model_call import CallFault
from cockpit.agents.providers.api_keys import masked
from cockpit.domain.plain_text import plain_text

MESSAGE_CHARS = 300
_LONGEST_CHAIN = 12
_PROVIDER_SAID = "Exception - "
"""What litellm puts before a provider's own words."""

_TRANSPORT = frozenset({"TransportError", "APIConnectionError", "ConnectionError", "ClientConnectionError"})
"""Base classes of httpx, openai, Python and aiohttp for a connection that failed."""

_BY_STATUS: Mapping[int, tuple[CallFault, bool, str]] = {
    401: (CallFault.DENIED, False, "its provider takes the key for wrong: check it"),
    402: (CallFault.DENIED, False, "its provider wants to be paid: check the account"),
    403: (CallFault.DENIED, False, "its provider does not let this key use it: check the account"),
    404: (CallFault.REFUSED, False, "there is no such model at its provider: check the name and the address"),
    408: (CallFault.SERVER, True, "its provider gave up waiting"),
    409: (CallFault.SERVER, True, "its provider is busy with another request"),
    413: (CallFault.REFUSED, False, "the request is too long for it: ask for less"),
    425: (CallFault.SERVER, True, "its provider wants the request later"),
    429: (CallFault.RATE_LIMITED, True, "too many requests for its provider: ask less often"),
}

_REFUSED_REQUEST = frozenset({400, 422})
_ARGUMENT_WORDS: Mapping[str, re.Pattern[str]] = {
    "response_format": re.compile(
        r"response.?(?:format|schema|mime|json)|output_(?:format|config)|json.?(?:schema|mode)|structured.output",
        re.I,
    ),
    "stream_options": re.compile(r"stream_options|include_usage", re.I),
    "temperature": re.compile(r"temperature", re.I),
    "seed": re.compile(r"\bseed\b", re.I),
}
"""Arguments that can be done without, and how providers name them where they refuse a request for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFault:
    """How one attempt failed.

    Attributes:
        fault: In which way.
        transient: Whether another attempt may do better.
        billable: Whether the provider may have worked, and be paid, for it.
        retry_after_s: How long the provider asks to wait; None where it says nothing.
        message: One line for people, bounded, without secrets.
        unwanted: Arguments the provider names as it refuses the request, of those that can be done without.
    """

    fault: CallFault
    transient: bool
    billable: bool
    retry_after_s: float | None
    message: str
    unwanted: tuple[str, ...] = ()


def fault_of(
    error: BaseException, model: str, secrets: tuple[str, ...], *, now_s: float, answering: bool
) -> AttemptFault:
    """What an error of one attempt means.

    Args:
        error: As litellm raised it.
        model: Whose name the message begins with.
        secrets: To be masked.
        now_s: Wall clock, seconds since 1970: a Retry-After may be a date.
        answering: Whether words had come already: then it is not tried again, since they are to be paid for.
    """
    chain = tuple(_chain(error))
    lost = any(_is_transport(link) for link in chain)
    status = None if lost else next(filter(None, map(_status, chain)), None)
    if lost:
        fault, transient, advice = CallFault.UNREACHABLE, True, "its connection failed"
    else:
        fault, transient, advice = _meaning(status)
    said = masked(_said(chain[-1] if lost else error), secrets)
    return AttemptFault(
        fault=fault,
        transient=transient and not answering,
        billable=answering or status is None,
        retry_after_s=_retry_after_s(chain, now_s),
        message=plain_text(f"{model}: {advice} ({said})", MESSAGE_CHARS),
        unwanted=_unwanted(said) if status in _REFUSED_REQUEST else (),
    )


def _unwanted(said: str) -> tuple[str, ...]:
    return tuple(name for name, words in _ARGUMENT_WORDS.items() if words.search(said))


def _meaning(status: int | None) -> tuple[CallFault, bool, str]:
    if status is None:
        return CallFault.SERVER, True, "its answer could not be read"
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return CallFault.SERVER, True, f"its provider failed with status {status}"
    return CallFault.REFUSED, False, f"its provider refused the request with status {status}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < _LONGEST_CHAIN:
        yield error
        error = error.__cause__ or error.__context__
        seen += 1


def _is_transport(error: BaseException) -> bool:
    if type(error).__module__.startswith("litellm"):
        return False  # its own APIConnectionError stands for anything it does not know
    return any(base.__name__ in _TRANSPORT for base in type(error).__mro__)


def _status(error: BaseException) -> int | None:
    """Only what a provider answered has a status and a response, or headers, that go with it."""
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) and not _is_guessed(error) else None


def _is_guessed(error: BaseException) -> bool:
    return type(error).__name__ in {"MidStreamFallbackError", "APIConnectionError"}


def _said(error: BaseException) -> str:
    text = str(error)[: 10 * MESSAGE_CHARS]
    _, found, words = text.partition(_PROVIDER_SAID)
    return (words if found else text).partition("Original exception:")[0].strip() or type(error).__name__


def _retry_after_s(chain: tuple[BaseException, ...], now_s: float) -> float | None:
    for headers in filter(None, map(_headers, chain)):
        if (milliseconds := _seconds(headers.get("retry-after-ms"), now_s)) is not None:
            return milliseconds / 1_000
        if (seconds := _seconds(headers.get("retry-after"), now_s)) is not None:
            return seconds
    return None


def _headers(error: BaseException) -> Mapping[str, str] | None:
    response = getattr(error, "response", None)
    for headers in (
        getattr(error, "litellm_response_headers", None),
        getattr(response, "headers", None),
        getattr(error, "headers", None),
    ):
        if isinstance(headers, Mapping) and headers:
            return {str(name).lower(): str(value) for name, value in headers.items()}
    return None


def _seconds(value: str | None, now_s: float) -> float | None:
    """Source: RFC 9110, 10.2.3: a number of seconds or a date."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - now_s
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if seconds < 1e9 else None  # false for NaN as well

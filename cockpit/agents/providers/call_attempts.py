"""How often a call is tried, and how long it waits in between: never past its deadline."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from cockpit.agents.providers.call_faults import AttemptFault
from cockpit.agents.providers.model_route import GatewayLimits


class AttemptFailed(Exception):
    """One attempt brought no answer.

    Attributes:
        how: What is known of it.
    """

    def __init__(self, how: AttemptFault) -> None:
        super().__init__(how.message)
        self.how = how


@dataclass(slots=True)
class CallProgress:
    """How far a call has come; written where the call runs, read where its deadline is kept.

    Attributes:
        attempts: Requests sent.
        in_doubt: Of these, the ones that the provider may bill though they brought no answer.
        last: How the latest failed attempt failed.
    """

    attempts: int = 0
    in_doubt: int = 0
    last: AttemptFault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryClock:
    """Time and chance, as retries need them.

    Attributes:
        monotonic_s: Seconds of a clock that never goes back.
        fraction: Draws from [0, 1), for jitter.
        sleep: Waits for seconds.
    """

    monotonic_s: Callable[[], float]
    fraction: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]


def retrying(limits: GatewayLimits, clock: RetryClock, deadline_s: float) -> AsyncRetrying:
    """Tries again what failed for a while only.

    It waits as long as the provider asks, else a random part of a doubling backoff (full jitter), and gives
    up at once where that would end after the deadline.

    Source: M. Brooker (2015), Exponential Backoff And Jitter, on full jitter.
    """

    def wait_s(state: RetryCallState) -> float:
        how = _how(state)
        longest = min(limits.max_backoff_s, limits.backoff_s * 2.0 ** (state.attempt_number - 1))
        jitter = longest * clock.fraction()
        if how is None or how.retry_after_s is None:
            return jitter
        return how.retry_after_s + 0.1 * jitter  # not all agents at the same instant

    def enough(state: RetryCallState) -> bool:
        late = clock.monotonic_s() + state.upcoming_sleep >= deadline_s
        return state.attempt_number >= limits.attempts or late

    return AsyncRetrying(
        retry=retry_if_exception(lambda error: isinstance(error, AttemptFailed) and error.how.transient),
        wait=wait_s,
        stop=enough,
        sleep=clock.sleep,
        reraise=True,
    )


def _how(state: RetryCallState) -> AttemptFault | None:
    error = state.outcome.exception() if state.outcome is not None else None
    return error.how if isinstance(error, AttemptFailed) else None

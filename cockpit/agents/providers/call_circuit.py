"""A circuit breaker for one model: one that fails again and again is left alone for a while.

Source: M. Nygard (2018), Release It!, on circuit breakers (closed, open, half-open).
"""

from dataclasses import dataclass
from enum import StrEnum


class CircuitState(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Admission(StrEnum):
    """What a call may do."""

    CALL = "call"
    PROBE = "probe"
    BENCHED = "benched"


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitLimits:
    """When a model is benched, and for how long.

    Attributes:
        failures_to_open: Failed calls on end that bench it.
        bench_s: The first bench; each failed probe doubles it.
        max_bench_s: The longest.
    """

    failures_to_open: int = 3
    bench_s: float = 60.0
    max_bench_s: float = 900.0

    def __post_init__(self) -> None:
        if self.failures_to_open < 1 or not 0 < self.bench_s <= self.max_bench_s:
            raise ValueError("a circuit takes failures_to_open of 1 or more, and 0 < bench_s <= max_bench_s")


class CallCircuit:
    """Follows the calls of one model. It has no clock: seconds of any monotonic one are told to it."""

    def __init__(self, limits: CircuitLimits) -> None:
        self._limits = limits
        self._failures = 0
        self._benches = 0
        self._open_until_s: float | None = None
        self._probing = False

    def state(self, now_s: float) -> CircuitState:
        """Where it stands."""
        if self._open_until_s is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if now_s < self._open_until_s else CircuitState.HALF_OPEN

    def benched_for_s(self, now_s: float) -> float:
        """Seconds until the model may be tried again; 0 when it may be tried now."""
        return 0.0 if self._open_until_s is None else max(0.0, self._open_until_s - now_s)

    def admit(self, now_s: float) -> Admission:
        """What a call at this time may do; whatever is not benched is told how it went."""
        match self.state(now_s):
            case CircuitState.CLOSED:
                return Admission.CALL
            case CircuitState.HALF_OPEN if not self._probing:
                self._probing = True
                return Admission.PROBE
            case _:
                return Admission.BENCHED

    def succeeded(self) -> None:
        """The model answered, if only to refuse: it is there."""
        self._failures = self._benches = 0
        self._open_until_s = None
        self._probing = False

    def failed(self, admission: Admission, now_s: float) -> None:
        """The model did not answer.

        Calls that were under way when the circuit opened say nothing new when they fail as well.
        """
        if admission is Admission.PROBE:
            self._probing = False
        elif self._open_until_s is not None:
            return
        self._failures += 1
        if admission is Admission.PROBE or self._failures >= self._limits.failures_to_open:
            self._open_until_s = now_s + self._bench_s()
            self._benches += 1

    def dropped(self, admission: Admission) -> None:
        """The call ended without a word about the model, as when whoever asked has given up."""
        if admission is Admission.PROBE:
            self._probing = False

    def _bench_s(self) -> float:
        doublings = min(self._benches, 64)
        return min(self._limits.max_bench_s, self._limits.bench_s * 2.0**doublings)

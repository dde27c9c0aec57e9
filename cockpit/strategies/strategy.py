"""What a strategy is: a class that turns bars into targets, one bar at a time.

To add one, write a class like this in a file of its own and give it a line in `catalog.py`::

    class DipBuyer(Strategy):
        name = "dip_buyer"
        summary = "Holds while the close is below its average."
        reasons = ("warming up", "above the average", "below the average")

        @dataclass(frozen=True, slots=True, kw_only=True)
        class Params(StrategyParams):
            bars: int = param(50, low=2, high=200)

        @dataclass(slots=True)
        class State:
            ema: Ema = field(default_factory=Ema)

        @classmethod
        def warmup_bars(cls, params: Params) -> int:
            return params.bars

        @staticmethod
        def step(params: Params, state: State, bar: Bar, position: StrategyPosition) -> Step:
            ema = update_ema(state.ema, params.bars, bar.close)
            if math.isnan(ema):
                return math.nan, math.nan, math.nan, math.nan, 0
            if bar.close < ema:
                return 1.0, bar.close * 0.98, math.nan, math.nan, 2
            return 0.0, math.nan, math.nan, math.nan, 1

`step` runs live as it stands, and compiled in the lab, where params, state and their windows are
numpy records and arrays with the same attribute names. So that both give the same bits it is plain
Python over floats and ints: + − × ÷ √ min max abs floor, `math.isnan`, `while`, `if`, and functions
of the same kind, imported by name. No `**`, `sum`, None, lists, exceptions, and no NaN in `min` or `max`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, NamedTuple, TypeVar

from cockpit.domain.errors import USAGE, CockpitError
from cockpit.domain.market import Bar

Step = tuple[float, float, float, float, int]
"""Exposure, stop, take profit, confidence, reason code: see `Answer` for what each means."""

Number = TypeVar("Number", int, float)


class StrategyError(CockpitError):
    """A strategy can't be used as asked; the message says what is wrong and what to do."""

    exit_code = USAGE


class StrategyPosition(NamedTuple):
    """What the agent holds of the symbol at the bar's close.

    Attributes:
        exposure: Signed fraction of the agent's capital for this symbol; 0.0 when flat.
        entry_price: Average, quote per base unit; NaN when flat.
        held_bars: Bars since it was entered; 0 when flat.
    """

    exposure: float
    entry_price: float
    held_bars: int


FLAT = StrategyPosition(0.0, math.nan, 0)


@dataclass(slots=True)
class Answer:
    """What a strategy says about one symbol at a bar's close; NaN where it says nothing.

    Attributes:
        exposure: Signed target as a fraction of the agent's capital for this symbol, −1 … 1; NaN is
            "no opinion yet", which leaves the position as it is.
        stop: Price that ends the position at a loss; on the losing side of the close.
        take_profit: Price that ends it at a profit; on the winning side of the close.
        confidence: Strength of the signal, 0 … 1.
        reason: Index into the strategy's `reasons`.
    """

    exposure: float = math.nan
    stop: float = math.nan
    take_profit: float = math.nan
    confidence: float = math.nan
    reason: int = 0


def param(default: Number, *, low: Number, high: Number) -> Number:
    """Declares a field of a strategy's `Params`: its default and the bounds it is held to, both included."""
    declared: Number = field(default=default, metadata={"low": low, "high": high})
    return declared


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamSpec:
    """A declared parameter: what evolution varies and people may set."""

    name: str
    default: float
    low: float
    high: float
    is_integer: bool


class StrategyParams:
    """The base of every `Params`: holds each field to its type and bounds. Every point of the box is valid.

    Raises:
        StrategyError: On construction, naming the parameter and its bounds.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        for spec in param_specs(type(self)):
            _check_value(spec, getattr(self, spec.name))


def param_specs(params_type: type[Any]) -> tuple[ParamSpec, ...]:
    """The declared parameters of a `Params` class, in the order they are declared."""
    return tuple(_param_spec(declared) for declared in fields(params_type))


def _param_spec(declared: Field[Any]) -> ParamSpec:
    default: Any = declared.default
    return ParamSpec(
        name=declared.name,
        default=default,
        low=declared.metadata["low"],
        high=declared.metadata["high"],
        is_integer=declared.type is int,
    )


def _check_value(spec: ParamSpec, value: object) -> None:
    allowed = (int,) if spec.is_integer else (int, float)
    kind = "a whole number" if spec.is_integer else "a number"
    if isinstance(value, bool) or not isinstance(value, allowed) or not spec.low <= value <= spec.high:
        raise StrategyError(f"{spec.name} is {value!r}; it must be {kind} from {spec.low} to {spec.high}")


class Strategy:
    """A trading rule. Never instantiated: its state lives outside, so that runs can be stored and compiled.

    Attributes:
        name: As settings spell it, snake_case.
        summary: One line for people.
        reasons: Words for the reason codes `step` returns.
        is_control: Whether it only shows what luck, the market or doing nothing would have earned.
        cross_symbol: Whether it decides over all symbols at once: then it has `step_all` instead of `step`.
        Params: Its parameters: a frozen, slotted dataclass of `param` fields.
        State: What it remembers of one symbol: a slotted dataclass of floats, ints, lists of floats
            that never change their length, and nested states; made without arguments.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    reasons: ClassVar[tuple[str, ...]]
    is_control: ClassVar[bool] = False
    cross_symbol: ClassVar[bool] = False
    Params: ClassVar[type[Any]]
    State: ClassVar[type[Any]]

    @classmethod
    def warmup_bars(cls, params: Any) -> int:
        """How many bars it must have seen before it can have an opinion."""
        raise NotImplementedError

    @staticmethod
    def step(params: Any, state: Any, bar: Bar, position: StrategyPosition) -> Step:
        """Takes in one closed bar and says what to hold from the next one on; changes `state` in place."""
        raise NotImplementedError

    @staticmethod
    def step_all(
        params: Any,
        states: Sequence[Any],
        bars: Sequence[Bar],
        positions: Sequence[StrategyPosition],
        out: Sequence[Answer],
    ) -> None:
        """Takes in the closed bars of one instant, one per symbol, and writes an answer for each into `out`.

        A symbol without a bar at this instant comes with `flat_bar` of its last close; one that has
        had none yet comes with a bar of NaN prices. Lists live, record arrays compiled.
        """
        raise NotImplementedError

    @classmethod
    def make_params(cls, values: Mapping[str, float]) -> Any:
        """The strategy's parameters from names and numbers; what isn't named has its default.

        A float that is a whole number passes for an integer parameter.

        Raises:
            StrategyError: On an unknown name, or a value outside the declared bounds.
        """
        specs = {spec.name: spec for spec in param_specs(cls.Params)}
        for name in values:
            if name not in specs:
                known = ", ".join(f"{spec.name} ({spec.low} to {spec.high})" for spec in specs.values())
                raise StrategyError(f"{cls.name} has no parameter {name}; it has {known or 'none'}")
        try:
            return cls.Params(**{name: _as_declared(specs[name], value) for name, value in values.items()})
        except StrategyError as error:
            raise StrategyError(f"{cls.name}: {error}") from error


def _as_declared(spec: ParamSpec, value: float) -> float:
    if spec.is_integer and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def flat_bar(open_ms: int, last_close: float) -> Bar:
    """The bar of an interval without a trade: the last close, no volume.

    Live and compiled runs step every strategy over it where a symbol has no bar, so that a count of
    bars stays a measure of time. `last_close` is NaN where there has been no bar yet.
    """
    return Bar(open_ms, last_close, last_close, last_close, last_close, 0.0)

"""From a market view to the figures a prompt shows of each coin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cockpit.agents.agent import MarketView
from cockpit.agents.prompts.readings import Reading, SeriesReader, history_bars
from cockpit.domain.market import Instrument
from cockpit.domain.spoken_names import spoken_names
from cockpit.markets.timeframes import timeframe_ms, timeframe_name


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketForm:
    """Which series a prompt shows.

    Attributes:
        intraday: Timeframe of the arrays, and of the current EMA20, MACD and RSI7.
        context: Timeframe of the longer-term context.
        extra: Further timeframes, shown like the intraday one, in this order.
        count: Values in each array.
    """

    intraday: str = "3m"
    context: str = "4h"
    extra: tuple[str, ...] = ()
    count: int = 10

    def __post_init__(self) -> None:
        """Checks the timeframes.

        Raises:
            ValueError: If one is none, is not spelled as elsewhere (``1h``, not ``60m``) or comes twice,
                or `count` is out of range.
        """
        for name in self.timeframes:
            spelled = timeframe_name(timeframe_ms(name))
            if spelled != name:
                raise ValueError(f"{name} is called {spelled}: write that")
        if len(set(self.timeframes)) < len(self.timeframes):
            raise ValueError(f"name each timeframe once: {', '.join(self.timeframes)}")
        SeriesReader(self.count)

    @classmethod
    def of(cls, timeframes: Sequence[str]) -> "MarketForm":
        """The form of some timeframes: the first is the intraday one, the last the context.

        Raises:
            ValueError: If there are fewer than two, or they can't be shown.
        """
        if len(timeframes) < 2:
            raise ValueError("name at least two timeframes: one to look at closely, one for the context")
        return cls(intraday=timeframes[0], context=timeframes[-1], extra=tuple(timeframes[1:-1]))

    @property
    def timeframes(self) -> tuple[str, ...]:
        """All of them: intraday, context, extra."""
        return (self.intraday, self.context, *self.extra)

    @property
    def history_ms(self) -> int:
        """How much of the past the figures rest on; with less, they are n/a or less settled."""
        return history_bars(self.count) * max(timeframe_ms(name) for name in self.timeframes)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketExtras:
    """What some markets tell besides prices: by symbol; what isn't there or is None is unknown.

    Attributes:
        open_interest: Base units.
        open_interest_average: Base units.
        funding_rate: Fraction of notional that longs pay per interval (negative: they receive).
    """

    open_interest: Mapping[str, float | None] = field(default_factory=dict)
    open_interest_average: Mapping[str, float | None] = field(default_factory=dict)
    funding_rate: Mapping[str, float | None] = field(default_factory=dict)


NO_EXTRAS = MarketExtras()


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinFigures:
    """What a prompt shows of one coin; None where it is unknown.

    Attributes:
        name: What models are told to call it.
        instrument: The coin's.
        mark: Mark price, quote per base unit.
        series: Timeframe → readings of its last bars, oldest → newest; empty where there are none.
        open_interest: Base units.
        open_interest_average: Base units.
        funding_rate: Fraction of notional per funding interval; > 0: longs pay.
    """

    name: str
    instrument: Instrument
    mark: float | None
    series: Mapping[str, tuple[Reading, ...]]
    open_interest: float | None
    open_interest_average: float | None
    funding_rate: float | None


def market_figures(
    view: MarketView, form: MarketForm, extras: MarketExtras = NO_EXTRAS, reader: SeriesReader | None = None
) -> tuple[CoinFigures, ...]:
    """The figures of every instrument of a view, in the run's order.

    Args:
        view: What is known.
        form: Which series are wanted.
        extras: What else the market tells.
        reader: What read the view before, for speed alone; it must have been made for as many values.
    """
    reader = reader or SeriesReader(form.count)
    names = spoken_names(view.instruments.values())
    return tuple(
        CoinFigures(
            name=names[symbol],
            instrument=instrument,
            mark=view.marks.get(symbol),
            series={name: reader.read(view.candles, symbol, name) for name in form.timeframes},
            open_interest=extras.open_interest.get(symbol),
            open_interest_average=extras.open_interest_average.get(symbol),
            funding_rate=extras.funding_rate.get(symbol),
        )
        for symbol, instrument in view.instruments.items()
    )

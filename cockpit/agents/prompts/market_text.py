"""The market's part of a prompt: made once per view, the same for all agents."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from cockpit.agents.agent import MarketView
from cockpit.agents.prompts.figures import NO_EXTRAS, CoinFigures, MarketExtras, MarketForm, market_figures
from cockpit.agents.prompts.plain_numbers import number, number_list, rate, step_decimals
from cockpit.agents.prompts.readings import Reading, SeriesReader
from cockpit.agents.prompts.renderer import PromptTemplates
from cockpit.domain.formats import NOT_AVAILABLE
from cockpit.domain.market import DAY_MS, HOUR_MS, MINUTE_MS, Instrument
from cockpit.markets.timeframes import timeframe_ms, timeframe_name

MARKET_TEMPLATE = "market.j2"
MARKET_NAMES = frozenset({"intraday", "coins"})
"""What the market's template is given."""

_MOST_VOLUME_DECIMALS = 3
_WORDS = ((DAY_MS, "day"), (HOUR_MS, "hour"), (MINUTE_MS, "minute"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesText:
    """A series of one coin, spelled: arrays oldest → newest, and what the last bar reads.

    Attributes:
        timeframe: Such as ``3m``.
        label: Such as ``3-minute``.
        mids: Closes of the bars.
        ema20s: Array.
        macds: Array.
        rsi7s: Array.
        rsi14s: Array.
        ema20: At the last bar, as the others below.
        ema50: Of 50 bars.
        macd: MACD line.
        rsi7: RSI of 7 bars.
        atr3: ATR of 3 bars.
        atr14: ATR of 14 bars.
        volume: Of the last bar, base units.
        average_volume: Of the last 20 bars, base units.
    """

    timeframe: str
    label: str
    mids: str
    ema20s: str
    macds: str
    rsi7s: str
    rsi14s: str
    ema20: str
    ema50: str
    macd: str
    rsi7: str
    atr3: str
    atr14: str
    volume: str
    average_volume: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinText:
    """One coin's figures, spelled; ``n/a`` where unknown.

    Attributes:
        name: What models are told to call it.
        mark_price: Quote per base unit.
        open_interest: Base units.
        open_interest_average: Base units.
        funding_rate: Percent per `funding_interval`.
        funding_interval: Such as ``1h``; ``n/a`` where no funding is paid.
        intraday: The intraday series.
        context: The longer-term context.
        extra: Further series.
    """

    name: str
    mark_price: str
    open_interest: str
    open_interest_average: str
    funding_rate: str
    funding_interval: str
    intraday: SeriesText
    context: SeriesText
    extra: tuple[SeriesText, ...]


def timeframe_label(timeframe: str) -> str:
    """``3-minute`` for ``3m``, ``4-hour`` for ``4h``."""
    length_ms = timeframe_ms(timeframe)
    unit_ms, word = next(each for each in _WORDS if length_ms % each[0] == 0)
    return f"{length_ms // unit_ms}-{word}"


class MarketText:
    """Writes the market's part of prompts; may be asked from several threads.

    Args:
        templates: Where `MARKET_TEMPLATE` is.
        form: Which series are shown.
    """

    def __init__(self, templates: PromptTemplates, form: MarketForm) -> None:
        self._templates = templates
        self._form = form
        self._reader = SeriesReader(form.count)
        self._lock = Lock()
        self._last: tuple[object, str] | None = None

    def of(self, view: MarketView, extras: MarketExtras = NO_EXTRAS) -> str:
        """The text; it is made for the first who asks of a view, and the same for all.

        Raises:
            PromptTemplateError: If the template fails.
        """
        key = _key(view, extras)
        with self._lock:
            if self._last is None or self._last[0] != key:
                self._last = key, self._text(view, extras)
            return self._last[1]

    def _text(self, view: MarketView, extras: MarketExtras) -> str:
        figures = market_figures(view, self._form, extras, self._reader)
        coins = tuple(coin_text(coin, self._form) for coin in figures)
        variables = {"intraday": timeframe_label(self._form.intraday), "coins": coins}
        return self._templates.render(MARKET_TEMPLATE, variables)


def _key(view: MarketView, extras: MarketExtras) -> object:
    told = (extras.open_interest, extras.open_interest_average, extras.funding_rate)
    instruments = tuple(view.instruments.values())
    known = tuple(each.get(instrument.symbol) for each in told for instrument in instruments)
    return view.view_hash, view.ts_ms, instruments, known


def coin_text(figures: CoinFigures, form: MarketForm) -> CoinText:
    """A coin's figures in words and digits: prices by its tick, volumes by its lot."""
    instrument = figures.instrument
    interval_ms = instrument.funding_interval_ms
    funding_rate = figures.funding_rate
    spell = _speller(instrument)
    lot_decimals = _volume_decimals(instrument)
    return CoinText(
        name=figures.name,
        mark_price=number(figures.mark, step_decimals(instrument.tick_size)),
        open_interest=number(figures.open_interest, lot_decimals),
        open_interest_average=number(figures.open_interest_average, lot_decimals),
        funding_rate=NOT_AVAILABLE if funding_rate is None else rate(funding_rate),
        funding_interval=NOT_AVAILABLE if interval_ms is None else timeframe_name(interval_ms),
        intraday=spell(form.intraday, figures.series[form.intraday]),
        context=spell(form.context, figures.series[form.context]),
        extra=tuple(spell(name, figures.series[name]) for name in form.extra),
    )


_NOTHING = Reading(0, 0.0, 0.0, *[None] * 8)


def _volume_decimals(instrument: Instrument) -> int:
    return min(step_decimals(instrument.lot_size), _MOST_VOLUME_DECIMALS)


def _speller(instrument: Instrument) -> Callable[[str, tuple[Reading, ...]], SeriesText]:
    tick = step_decimals(instrument.tick_size)
    fine = tick + 1  # averages and differences of prices lie between ticks
    lots = _volume_decimals(instrument)

    def spell(timeframe: str, readings: tuple[Reading, ...]) -> SeriesText:
        last = readings[-1] if readings else _NOTHING
        return SeriesText(
            timeframe=timeframe,
            label=timeframe_label(timeframe),
            mids=number_list([each.close for each in readings], tick),
            ema20s=number_list([each.ema20 for each in readings], fine),
            macds=number_list([each.macd for each in readings], fine),
            rsi7s=number_list([each.rsi7 for each in readings], 1),
            rsi14s=number_list([each.rsi14 for each in readings], 1),
            ema20=number(last.ema20, fine),
            ema50=number(last.ema50, fine),
            macd=number(last.macd, fine),
            rsi7=number(last.rsi7, 1),
            atr3=number(last.atr3, fine),
            atr14=number(last.atr14, fine),
            volume=number(last.volume if readings else None, lots),
            average_volume=number(last.average_volume, lots),
        )

    return spell

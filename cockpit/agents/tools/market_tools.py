"""Tools that tell of the market: closed bars and what can be computed from them, never more."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import Field

from cockpit.agents.prompts.plain_numbers import number, rate, step_decimals
from cockpit.agents.prompts.readings import Reading, SeriesReader
from cockpit.agents.tools.tool import NOT_GIVEN, CoinArguments, Sight, Tool
from cockpit.domain.formats import NOT_AVAILABLE, duration, time_of
from cockpit.domain.market import Bar, Instrument

MAX_BARS = 50
MAX_READINGS = 20

_Row = list[str]


class SeriesArguments(CoinArguments):
    """Of a tool that tells of one series."""

    timeframe: str = Field(max_length=8, description="Such as 3m, 1h or 4h.")


class BarsArguments(SeriesArguments):
    """Of `bars`."""

    count: int = Field(default=20, ge=1, le=MAX_BARS, description=f"From 1 to {MAX_BARS}.")


class IndicatorsArguments(SeriesArguments):
    """Of `indicators`."""

    count: int = Field(default=10, ge=1, le=MAX_READINGS, description=f"From 1 to {MAX_READINGS}.")


def _quote(sight: Sight, asked: CoinArguments) -> Mapping[str, Any]:
    instrument = sight.instrument(asked.coin)
    symbol, candles = instrument.symbol, sight.view.candles
    base = candles.timeframes[0]
    last = candles.bars(symbol, base, limit=1)
    mark = number(sight.view.marks.get(symbol), step_decimals(instrument.tick_size))
    return {
        "coin": sight.names[symbol],
        "time": time_of(sight.view.ts_ms),
        "mark_price": mark,
        f"last_{base}_bar": dict(zip(_BAR_COLUMNS, _bar_row(last[0], instrument), strict=True))
        if last
        else NOT_AVAILABLE,
        "bid": NOT_GIVEN,
        "ask": NOT_GIVEN,
    }


_BAR_COLUMNS = ("open_time", "open", "high", "low", "close", "volume")


def _bar_row(bar: Bar, instrument: Instrument) -> _Row:
    tick, lot = step_decimals(instrument.tick_size), step_decimals(instrument.lot_size)
    prices = (number(each, tick) for each in (bar.open, bar.high, bar.low, bar.close))
    return [time_of(bar.open_ms), *prices, number(bar.volume, lot)]


def _bars(sight: Sight, asked: BarsArguments) -> Mapping[str, Any]:
    instrument = sight.instrument(asked.coin)
    bars = sight.view.candles.bars(instrument.symbol, sight.timeframe(asked.timeframe), limit=asked.count)
    rows = [_bar_row(each, instrument) for each in bars]
    return _series(sight, instrument, asked.timeframe, _BAR_COLUMNS, rows)


def _series(
    sight: Sight, instrument: Instrument, timeframe: str, columns: tuple[str, ...], rows: list[_Row]
) -> Mapping[str, Any]:
    return {
        "coin": sight.names[instrument.symbol],
        "timeframe": timeframe,
        "order": "oldest to newest, closed bars only",
        "columns": columns,
        "rows": rows or NOT_GIVEN,
    }


_PRICES = ("ema20", "ema50", "macd", "atr3", "atr14")
_READING_COLUMNS = ("open_time", "close", *_PRICES, "rsi7", "rsi14", "volume", "average_volume")


def _indicators(sight: Sight, asked: IndicatorsArguments) -> Mapping[str, Any]:
    instrument = sight.instrument(asked.coin)
    reader = SeriesReader(asked.count)
    readings = reader.read(sight.view.candles, instrument.symbol, sight.timeframe(asked.timeframe))
    row = _reading_speller(instrument)
    rows = [row(each) for each in readings]
    return _series(sight, instrument, asked.timeframe, _READING_COLUMNS, rows)


def _reading_speller(instrument: Instrument) -> Callable[[Reading], _Row]:
    tick, lot = step_decimals(instrument.tick_size), step_decimals(instrument.lot_size)

    def spell(reading: Reading) -> _Row:
        return [
            time_of(reading.open_ms),
            number(reading.close, tick),
            *(number(getattr(reading, name), tick + 1) for name in _PRICES),
            number(reading.rsi7, 1),
            number(reading.rsi14, 1),
            number(reading.volume, lot),
            number(reading.average_volume, lot),
        ]

    return spell


def _order_book(sight: Sight, asked: CoinArguments) -> Mapping[str, Any]:
    instrument = sight.instrument(asked.coin)
    return {"coin": sight.names[instrument.symbol], "bids": NOT_GIVEN, "asks": NOT_GIVEN}


def _funding(sight: Sight, asked: CoinArguments) -> Mapping[str, Any]:
    instrument = sight.instrument(asked.coin)
    interval_ms, funding_rate = (
        instrument.funding_interval_ms,
        sight.extras.funding_rate.get(instrument.symbol),
    )
    told = {"coin": sight.names[instrument.symbol]}
    if interval_ms is None:
        return told | {"funding_rate": "n/a: no funding is paid on this coin"}
    spelled = NOT_GIVEN if funding_rate is None else rate(funding_rate)
    return told | {"funding_rate": spelled, "paid_every": duration(interval_ms)}


MARKET_TOOLS = (
    Tool(
        name="quote",
        description="The mark price of a coin and its last closed bar.",
        arguments=CoinArguments,
        answer=_quote,
    ),
    Tool(
        name="bars",
        description="The last closed bars of a coin: open, high, low, close, volume.",
        arguments=BarsArguments,
        answer=_bars,
    ),
    Tool(
        name="indicators",
        description="EMA, MACD, RSI, ATR and volume averages of a coin at its last closed bars.",
        arguments=IndicatorsArguments,
        answer=_indicators,
    ),
    Tool(
        name="order_book",
        description="The best bids and asks of a coin, where the market gives them.",
        arguments=CoinArguments,
        answer=_order_book,
    ),
    Tool(
        name="funding",
        description="What longs pay shorts on a coin, as a percentage of notional per interval.",
        arguments=CoinArguments,
        answer=_funding,
    ),
)

"""The watch over theses: at which bar one is broken, told once, and the same after a restart."""

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.agents.prompts.readings import SeriesReader
from cockpit.arena.invalidation_watch import HISTORY_BARS, Breach, InvalidationWatch
from cockpit.domain.accounts import Account, Position
from cockpit.domain.decisions import Target, Thesis
from cockpit.domain.market import HOUR_MS, MINUTE_MS, Bar, Lots, Micros
from cockpit.markets.candles import Candles
from cockpit.markets.market import MarketStep
from cockpit.trading.agent_state import AgentState
from cockpit.trading.invalidation import Crossing, Level, Reading
from tests.trading.arena_facts import BTC, ETH

SYMBOLS = (BTC.symbol, ETH.symbol)


def step(minute, *closes):
    """The step that closes a minute's bars; None where there was no trade."""
    opened_ms = minute * MINUTE_MS
    bars = (
        None if close is None else Bar(opened_ms, close, close + 1, close - 1, close, 1.0) for close in closes
    )
    return MarketStep(ts_ms=opened_ms + MINUTE_MS, bars=tuple(bars))


def agent(text, *, symbol=BTC.symbol, lots=5, exposure=0.5, opened_minute=0):
    position = Position(
        symbol=symbol,
        signed_lots=Lots(lots),
        cost=Micros(lots * 1_000_000),
        opened_ms=opened_minute * MINUTE_MS,
        entry_lots=Lots(abs(lots)),
    )
    target = Target(symbol=symbol, exposure=exposure, thesis=Thesis(invalidation=text))
    return AgentState(account=Account(agent="ann", positions={symbol: position}), targets={symbol: target})


class Market:
    """Candles that are appended minute by minute, and the marks they leave."""

    def __init__(self, **given):
        self.candles = Candles(SYMBOLS, MINUTE_MS, **given)
        self.marks = {}

    def append(self, step):
        self.candles.append(step)
        for symbol, bar in zip(SYMBOLS, step.bars, strict=True):
            if bar is not None:
                self.marks[symbol] = bar.close
        return self.candles.cut()


@pytest.fixture
def watch():
    return InvalidationWatch([BTC, ETH], ("1m", "3m", "5m", "15m", "1h", "4h", "1d"))


def met_at(watch, text, btc, eth=None, *, stated=0, **given):
    """The minutes after which the thesis is broken, of closes given minute by minute from 0 on."""
    market, subject, met = Market(), agent(text, **given), []
    for minute, closes in enumerate(zip(btc, eth or btc, strict=True)):
        cut = market.append(step(minute, *closes))
        if minute + 1 > stated:
            subject.stated_ms = dict.fromkeys(SYMBOLS, stated * MINUTE_MS)
            met += [minute + 1 for _ in watch.breaches(subject, market.marks, cut)]
    return met


# fmt: off
#     minute:     1    2    3    4    5    6    7    8    9
FALL_AND_BACK = [105, 103, 99, 101, 98, 97, 103, 104, 105]
MET = [
    ("price < 100",                          0, [3, 5, 6]),
    ("price >= 104",                         0, [1, 8, 9]),
    ("price < 97",                           0, []),
    ("3m close < 100",                       0, [3, 4, 5, 6, 7, 8]),
    ("3m close < 100",                       3, [6, 7, 8]),
    ("3m close < 100",                       4, [6, 7, 8]),
    ("price closes below 98 on 3m candle",   0, [6, 7, 8]),
    ("price closes below 98 on 5m",          0, []),
    ("5m close <= 98",                       0, [5, 6, 7, 8, 9]),
    ("3m close < 100 and price > 100",       0, [4, 7, 8]),
    ("3m close < 98 or price >= 105",        0, [1, 6, 7, 8, 9]),
    # a crossing needs the other side since the statement: at minute 3 it is below already
    ("price falls below 100",                0, [3, 5, 6]),
    ("price falls below 100",                3, [5, 6]),
    ("price falls below 100",                5, []),
    ("price rises above 100",                0, [4, 7, 8, 9]),
    ("3m close crosses below 98",            3, [6, 7, 8]),
    ("after 5m",                             0, [5, 6, 7, 8, 9]),
    ("time > 1970-01-01T00:07Z",             0, []),  # years before 2000 are no condition
    ("ETH < 100",                            0, [3, 5, 6]),
    ("something else altogether",            0, []),
    ("30m close < 100",                      0, []),  # this market has no such candles
]
# fmt: on


@pytest.mark.parametrize(("text", "stated", "minutes"), MET)
def test_a_thesis_is_broken_at_the_bar_that_says_so(watch, text, stated, minutes):
    assert met_at(watch, text, FALL_AND_BACK, stated=stated) == minutes


def test_the_age_of_a_position_counts_from_its_opening(watch):
    assert met_at(watch, "after 5m", FALL_AND_BACK, opened_minute=3) == [8, 9]


def test_another_coin_is_read_where_it_is_named(watch):
    flat = [100] * len(FALL_AND_BACK)
    assert met_at(watch, "BTC < 98", FALL_AND_BACK, flat, symbol=ETH.symbol) == [6]
    assert met_at(watch, "price < 98", FALL_AND_BACK, flat, symbol=ETH.symbol) == []


def test_a_minute_without_a_trade_closes_no_bar(watch):
    closes = [105, 103, 99, None, None, None, 104, 104, 104]
    assert met_at(watch, "3m close < 100", closes) == [3, 4, 5, 6, 7, 8]
    assert met_at(watch, "3m close < 100", closes, stated=3) == []


def test_without_a_time_of_statement_the_opening_of_the_position_is_it(watch):
    market = Market()
    for minute, close in enumerate(FALL_AND_BACK[:3]):
        cut = market.append(step(minute, close, close))
    held = agent("3m close < 100", opened_minute=3)
    assert list(watch.breaches(held, market.marks, cut)) == []
    held = agent("3m close < 100", opened_minute=2)
    assert list(watch.breaches(held, market.marks, cut)) == [
        Breach(agent="ann", symbol=BTC.symbol, condition=f"{BTC.symbol} 3m close < 100")
    ]


def test_a_breach_is_told_once_and_again_for_another_thesis(watch):
    market = Market()
    cut = market.append(step(0, 99.0, 99.0))
    ann = agent("price < 100")
    (breach,) = watch.breaches(ann, market.marks, cut)
    ann.broken[breach.symbol] = breach.condition
    assert list(watch.breaches(ann, market.marks, cut)) == []
    ann.targets[BTC.symbol] = replace(ann.targets[BTC.symbol], thesis=Thesis(invalidation="price < 101"))
    (again,) = watch.breaches(ann, market.marks, cut)
    assert again.condition == f"{BTC.symbol} price < 101"


@pytest.mark.parametrize(
    "given",
    [
        {"exposure": 0.0},
        {"exposure": -0.5},
        {"lots": -5},
    ],
)
def test_a_thesis_on_what_is_not_held_is_not_judged(watch, given):
    market = Market()
    cut = market.append(step(0, 99.0, 99.0))
    assert list(watch.breaches(agent("price < 100", **given), market.marks, cut)) == []


def test_an_agent_without_theses_or_positions_asks_nothing_of_the_market(watch):
    quiet = AgentState(account=Account(agent="bob"))
    assert list(watch.breaches(quiet, {}, Candles([], MINUTE_MS).cut())) == []
    held = agent("price < 100")
    held.targets[BTC.symbol] = replace(held.targets[BTC.symbol], thesis=None)
    assert list(watch.breaches(held, {}, Candles([], MINUTE_MS).cut())) == []


def test_what_is_checked_of_a_text_can_be_asked(watch):
    reading = Reading(symbol=BTC.symbol, timeframe="4h", rsi_period=14)
    assert watch.condition("4h RSI < 40", BTC.symbol).needs() == (reading,)
    assert isinstance(watch.condition("ETH 1h close < 3", BTC.symbol), Level)
    assert isinstance(watch.condition("ETH breaks below 3", BTC.symbol), Crossing)
    assert watch.condition("30m close < 3", BTC.symbol) is None
    assert watch.condition("XRP < 3", BTC.symbol) is None
    assert watch.condition("the trend turns", BTC.symbol) is None


# RSI

RISE, DIP = [100.0 + minute for minute in range(6)], [104.0, 103.0, 102.0, 101.0, 100.0]


def test_an_rsi_is_known_once_it_has_seen_its_period(watch):
    # over 2 changes: 100 while it only rises, from the third bar on; it falls with the price
    assert met_at(watch, "1m RSI2 > 99", RISE) == [3, 4, 5, 6]
    assert met_at(watch, "1m RSI2 < 50", RISE + DIP) == [8, 9, 10, 11]


def test_an_rsi_crosses_only_from_the_other_side(watch):
    assert met_at(watch, "1m RSI2 crosses below 50", RISE + DIP, stated=6) == [8, 9, 10, 11]
    assert met_at(watch, "1m RSI2 crosses below 50", RISE + DIP, stated=8) == []
    assert met_at(watch, "1m RSI2 < 50", RISE + DIP, stated=8) == [9, 10, 11]


@pytest.fixture(scope="module")
def recorded(shared_data):
    """A week of BTC, minute by minute, with what is missing of it missing."""
    frame = pl.read_csv(shared_data / "candles" / "bitfinex_spot" / "BTCUSD-1m-2019-06.csv.gz")
    rows = {row[0]: Bar(*row) for row in frame.head(10_000).iter_rows()}
    first_ms = min(rows)
    return [
        MarketStep(ts_ms=open_ms + MINUTE_MS, bars=(rows.get(open_ms), rows.get(open_ms)))
        for open_ms in range(first_ms, first_ms + 6 * 24 * HOUR_MS, MINUTE_MS)
    ]


def rsi_of(watch, timeframe, period, value):
    """Whether the RSI is within a millionth of a value, asked of the watch as an agent would."""
    text = f"{timeframe} RSI{period} >= {value - 1e-6:.9f} and {timeframe} RSI{period} <= {value + 1e-6:.9f}"
    assert watch.condition(text, BTC.symbol) is not None
    return agent(text)


@pytest.mark.parametrize("timeframe", ["1m", "5m", "15m", "1h"])
def test_an_rsi_is_the_one_prompts_show(watch, recorded, timeframe):
    market, reader, compared = Market(keep=HISTORY_BARS), SeriesReader(10), 0
    for number, each in enumerate(recorded):
        cut = market.append(each)
        if number % 717 or not cut.bars(BTC.symbol, timeframe):
            continue
        shown = reader.read(cut, BTC.symbol, timeframe)[-1]
        for period, value in ((7, shown.rsi7), (14, shown.rsi14)):
            if value is not None:
                held = rsi_of(watch, timeframe, period, value)
                assert len(list(watch.breaches(held, market.marks, cut))) == 1
                compared += 1
    assert compared >= 15


THESES = (
    "5m RSI14 crosses below 40",
    "1m RSI7 < 20",
    "1h RSI7 falls below 50",
    "15m close falls below 7700",
)


def told_by(watch, steps, begins, reach_ms, stated_ms):
    """What of `THESES` is broken after each step from `begins` on; those before are history."""
    market, held, told = Market(keep=2_000, reach_ms=reach_ms), [agent(text) for text in THESES], []
    for each in steps:
        cut = market.append(each)
        for number, one in enumerate(held if each.ts_ms >= begins else ()):
            one.stated_ms = {BTC.symbol: stated_ms}
            broken = watch.breaches(one, market.marks, cut)
            told += [(each.ts_ms, number) for _ in broken]
    return told


@pytest.mark.parametrize("reach_hours", [8, 30])
def test_a_run_taken_up_after_a_stop_tells_what_it_would_have_told(recorded, reach_hours):
    reach_ms, end, stopped = reach_hours * HOUR_MS, 6_000, 4_000
    stated_ms, stopped_ms = recorded[stopped - 200].ts_ms, recorded[stopped].ts_ms
    timeframes = Market().candles.timeframes
    going = InvalidationWatch([BTC, ETH], timeframes)
    told = told_by(going, recorded[1_500:end], stated_ms, reach_ms, stated_ms)
    history = recorded[stopped - reach_hours * 60 : end]
    again = told_by(InvalidationWatch([BTC, ETH], timeframes), history, stopped_ms, reach_ms, stated_ms)
    assert again == [each for each in told if each[0] >= stopped_ms]
    expected = {0, 1, 2, 3} if reach_hours > 8 else {0, 1, 3}  # so few hours are too few for the RSI of 1h
    assert {number for _, number in again} == expected


def test_a_watch_that_has_looked_all_along_says_what_a_new_one_says(recorded):
    """Also where so little can be read that an RSI rests on fewer bars from minute to minute."""
    market, old = Market(reach_ms=12 * HOUR_MS), InvalidationWatch([BTC, ETH], ("1h",))
    levels = [agent(f"1h RSI7 >= {tenths / 10}") for tenths in range(100, 900, 2)]
    answers = set()
    for number, each in enumerate(recorded[: 15 * 60]):
        cut = market.append(each)
        if number < 13 * 60 or number % 20 != 19:  # among them the last minute of an hour
            continue
        watches = (old, InvalidationWatch([BTC, ETH], ("1h",)))
        said, fresh = (
            sum(1 for held in levels for _ in watch.breaches(held, market.marks, cut)) for watch in watches
        )
        assert said == fresh
        answers.add(said)
    assert len(answers) > 3


@settings(max_examples=30)
@given(st.lists(st.integers(90, 110), min_size=12, max_size=40), st.integers(1, 10))
def test_later_bars_change_no_earlier_answer(closes, cut_at):
    watch = InvalidationWatch([BTC, ETH], ("1m", "3m"))
    texts = ("3m close < 100", "1m RSI3 falls below 45", "price rises above 101")
    answers = [met_at(watch, text, closes) for text in texts]
    shorter = [met_at(InvalidationWatch([BTC, ETH], ("1m", "3m")), text, closes[:cut_at]) for text in texts]
    assert shorter == [[minute for minute in answer if minute <= cut_at] for answer in answers]

"""From a view to figures: which series, and what else is known."""

from dataclasses import replace

import pytest

from cockpit.agents.answers.coin_checks import Situation
from cockpit.agents.prompts.figures import MarketExtras, MarketForm, market_figures
from cockpit.agents.prompts.readings import SeriesReader
from cockpit.domain.market import HOUR_MS
from cockpit.domain.spoken_names import spoken_names

BTC, DOGE, XRP = "BTC/USDC:USDC", "DOGE/USDC:USDC", "XRP/USDC:USDC"


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"intraday": "3 minutes"}, "is no timeframe"),
        ({"intraday": "60m"}, "60m is called 1h"),
        ({"extra": ("15m", "4h")}, "each timeframe once: 3m, 4h, 15m, 4h"),
        ({"count": 0}, "0 values"),
    ],
)
def test_a_form_that_cannot_be_shown_is_refused(choice, message):
    with pytest.raises(ValueError, match=message):
        MarketForm(**choice)


def test_the_longest_timeframe_says_how_much_history_is_needed():
    assert MarketForm().history_ms == 210 * 4 * HOUR_MS
    assert MarketForm(context="1h", count=5).history_ms == 205 * HOUR_MS


def test_every_instrument_has_its_mark_its_series_and_what_else_the_market_tells(view):
    extras = MarketExtras(
        open_interest={BTC: 25_000.0, DOGE: None},
        open_interest_average={BTC: 24_000.0},
        funding_rate={DOGE: -0.0001},
    )
    form = MarketForm(extra=("1m", "15m", "1h"))
    btc, doge, xrp = market_figures(view, form, extras)
    assert [each.instrument.symbol for each in (btc, doge, xrp)] == [BTC, DOGE, XRP]
    assert (btc.mark, btc.open_interest, btc.open_interest_average) == (view.marks[BTC], 25_000.0, 24_000.0)
    assert (btc.funding_rate, doge.funding_rate, xrp.funding_rate) == (None, -0.0001, None)
    assert (doge.open_interest, doge.open_interest_average) == (None, None)
    for timeframe in ("1m", "3m", "15m", "1h", "4h"):
        expected = SeriesReader(10).read(view.candles, DOGE, timeframe)
        assert len(expected) == 10
        assert doge.series[timeframe] == expected
    assert [len(xrp.series[timeframe]) for timeframe in ("1m", "3m", "15m", "1h", "4h")] == [10, 4, 1, 0, 0]


def test_the_last_close_of_the_base_series_is_the_mark(view):
    for coin in market_figures(view, MarketForm(intraday="1m")):
        assert coin.series["1m"][-1].close == coin.mark


def test_a_form_is_made_of_timeframes_from_the_close_look_to_the_wide_view():
    form = MarketForm.of(("1m", "15m", "1h", "4h"))
    assert (form.intraday, form.extra, form.context) == ("1m", ("15m", "1h"), "4h")
    assert MarketForm.of(("3m", "4h")) == MarketForm()
    for too_few in ((), ("3m",)):
        with pytest.raises(ValueError, match="at least two timeframes"):
            MarketForm.of(too_few)


def test_a_coin_is_called_what_answers_may_call_it(market):
    btc, doge, xrp = market.instruments
    spot = replace(btc, symbol="BTC/USDC")
    for listed in ((btc, doge, xrp), (btc, spot, doge)):
        names = spoken_names(listed)
        situation = Situation(
            instruments={each.symbol: each for each in listed}, marks={}, held={}, equity=0, max_leverage=1.0
        )
        assert tuple(names.values()) == situation.coins()
        assert [situation.symbol_of(name) for name in names.values()] == list(names)

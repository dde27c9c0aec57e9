"""Before a run a person is told what is odd about its data, and which models may have read of it."""

from itertools import count

import pytest

from cockpit.arena.assembly import assemble
from cockpit.arena.notices import lookahead_notices
from cockpit.domain.events import BotStarted
from cockpit.settings.resolve import resolve
from cockpit.settings.sources import ConfigInvalid
from tests.arena.mind_bot import events_of, mind, opened

NEW_YEAR = 1_577_836_800_000
"""2020-01-01T00:00:00Z."""
DAYS = 10


@pytest.fixture(scope="module")
def candles(tmp_path_factory):
    """Ten days of hours, of which five are history."""
    path = tmp_path_factory.mktemp("candles") / "BTCUSDT-1h.csv"
    rows = [f"{NEW_YEAR + hour * 3_600_000},10,11,9,10,5" for hour in range(24 * DAYS)]
    path.write_text("\n".join(["timestamp_ms,open,high,low,close,volume", *rows]) + "\n")
    return path


def flags(candles, *cutoffs, market=None, **arena):
    """An agent for each cut-off, each asking a model of its own."""
    names = [f"m{number}" for number, _ in zip(count(), cutoffs, strict=False)]
    routes = {
        f"openai/{name}": {"api_base": "http://127.0.0.1:9/v1"} | ({"knowledge_cutoff": day} if day else {})
        for name, day in zip(names, cutoffs, strict=True)
    }
    return {
        "market": market or {"kind": "replay", "data": str(candles), "speed": "max"},
        "arena": arena,
        "models": {"routes": routes},
        "agents": [*(mind(name, timeframes=["1h", "4h"]) for name in names), {"name": "cash"}],
    }


def notices(given):
    settings = resolve(environment={}, flags=given).settings
    return lookahead_notices(settings, assemble(settings, "test", {}))


def test_each_model_that_may_know_the_period_has_a_line_with_its_agents(candles):
    # tested: from the 6th to the 11th of January, midnight
    told = notices(flags(candles, "2019-12-31", "2020-01-07", "2020-06-30", None))
    assert len(told) == 3
    assert told[0].startswith("m1: look-ahead: openai/m1 knows the world until 2020-01-08, which is 40% of")
    assert told[1].startswith(
        "m2: look-ahead: openai/m2 knows the world until 2020-07-01, and the test ends on"
    )
    assert told[2].startswith("m3: look-ahead: how far openai/m3's knowledge reaches is unknown")


def test_the_day_before_the_period_is_not_too_late(candles):
    assert notices(flags(candles, "2020-01-05")) == ()
    assert len(notices(flags(candles, "2020-01-06"))) == 1


@pytest.mark.parametrize(
    ("arena", "share"), [({}, "20%"), ({"duration": "50h"}, "48%"), ({"rounds": 48, "interval": "1h"}, "50%")]
)
def test_a_run_that_ends_early_is_tested_only_so_long(candles, arena, share):
    (told,) = notices(flags(candles, "2020-01-06", **arena))
    assert f"which is {share} of the tested period" in told


def test_agents_of_one_model_share_a_line(candles):
    given = flags(candles, None)
    given["agents"].append(mind("twin", model="openai/m0", timeframes=["1h", "4h"]))
    (told,) = notices(given)
    assert told.startswith("m0, twin: look-ahead: ")


def test_models_that_are_only_asked_first_count_as_well(candles):
    given = flags(candles, "2019-12-31")
    given["models"]["routes"]["openai/cheap"] = {"api_base": "http://127.0.0.1:9/v1"}
    given["agents"][0]["mind"]["routing"] = {"cheap": ["openai/cheap"]}
    (told,) = notices(given)
    assert told.startswith("m0: look-ahead: how far openai/cheap's knowledge reaches is unknown")


def test_nobody_has_read_of_a_simulated_market(candles):
    assert notices(flags(candles, None, market={"symbols": ["BTC"]})) == ()


def test_a_cut_off_that_is_no_day_is_refused(candles):
    with pytest.raises(ConfigInvalid, match=r"knowledge_cutoff.*valid date"):
        notices(flags(candles, "2020-02-31"))


async def test_a_bot_tells_it_when_it_starts(candles, tmp_path):
    given = flags(candles, None, rounds=1)
    given["models"]["routes"]["openai/m0"] |= {"key": "KEY_OF_NOBODY"}
    bot = await opened(tmp_path / "arena", given)
    await bot.close("enough")
    (started,) = events_of(tmp_path / "arena", BotStarted)
    assert any(
        notice.startswith("m0: look-ahead: how far openai/m0's knowledge") for notice in started.notices
    )
    assert started.notices == bot.notices

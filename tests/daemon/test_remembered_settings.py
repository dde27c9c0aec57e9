"""The settings of the last run come back as they were: the run they belong to goes on under them."""

import os
import stat
from pathlib import Path

import pytest

from cockpit.arena.assembly import assemble
from cockpit.daemon.remembered_settings import remember_settings, remembered_settings
from cockpit.settings.resolve import resolve
from cockpit.settings.sources import ConfigInvalid

GIVEN = [
    {},
    {"market": {"speed": "max", "symbols": ["BTC"], "seed": 9}, "arena": {"duration": "90m"}},
    {
        "venue": {"preset": "pessimistic", "latency": "2s", "participation": "off"},
        "trading": {"enabled": False, "orders": {"stop": "trailing_stop", "demand_stop": True}},
        "risk": {"max_orders_per_minute": 7, "cooldown_after_stop": "1h"},
        "breakers": {"agent": {"drawdown": 0.3, "costs": "off", "blind": "off"}},
        "protections": [{"method": "CooldownPeriod", "stop_duration": 5}],
        "agents": [
            {"name": "mix", "kind": "blend", "weights": {"cash": 1, "random": 2}},
            {"name": "cash", "risk": {"max_open_orders": 3, "cooldown_after_loss": "off"}},
        ],
    },
]


def digest(settings):
    return assemble(settings, "arena").agreement.settings_digest


@pytest.mark.parametrize("flags", GIVEN, ids=range(len(GIVEN)))
def test_a_run_goes_on_under_what_comes_back(tmp_path, flags):
    settings = resolve(environment={}, flags=flags).settings
    remember_settings(tmp_path / "settings.json", settings)
    again = remembered_settings(tmp_path / "settings.json")
    assert again == settings
    assert digest(again) == digest(settings)
    assert assemble(again, "arena").limits == assemble(settings, "arena").limits


def test_candles_are_found_from_any_folder(tmp_path, shared_data, monkeypatch):
    data = shared_data / "candles" / "bitfinex_spot" / "BTCUSD-1m-2019-06.csv.gz"
    beside = Path(os.path.relpath(data))
    settings = resolve(environment={}, flags={"market": {"kind": "replay", "data": beside}}).settings
    expected = digest(settings)
    remember_settings(tmp_path / "settings.json", settings)
    monkeypatch.chdir(tmp_path)
    again = remembered_settings(tmp_path / "settings.json")
    assert again.market.data.is_absolute()
    assert again.market.data.samefile(data)
    assert digest(again) == expected


def test_only_its_user_reads_them_and_nothing_else_is_left(tmp_path):
    for _ in range(2):
        remember_settings(tmp_path / "settings.json", resolve(environment={}).settings)
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_where_there_are_none_there_are_none(tmp_path):
    assert remembered_settings(tmp_path / "settings.json") is None


@pytest.mark.parametrize("text", ["{", '{"market": {"colour": "red"}}', '{"arena": {"rounds": -1}}'])
def test_what_can_t_be_used_is_told_with_what_to_do(tmp_path, text):
    (tmp_path / "settings.json").write_text(text)
    with pytest.raises(ConfigInvalid, match="start the bot with the same ones, then kill it"):
        remembered_settings(tmp_path / "settings.json")


def test_a_folder_that_can_t_be_written_is_told_in_the_log(tmp_path, caplog):
    remember_settings(tmp_path / "gone" / "settings.json", resolve(environment={}).settings)
    assert "can't be kept" in caplog.text

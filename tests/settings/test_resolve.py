"""Where settings come from, and what is said of wrong ones."""

import re
from pathlib import Path

import pytest

from cockpit.settings.resolve import described, resolve
from cockpit.settings.sources import ConfigInvalid
from cockpit.settings.tree import CONTROLS, DEFAULT_STRATEGIES, Settings


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "cockpit.toml"
    path.write_text(text)
    return path


def test_without_any_source_everything_has_its_default():
    resolved = resolve(environment={})
    assert resolved.settings == Settings()
    assert resolved.sources == {}


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path):
    config = written(tmp_path, '[market]\nseed = 1\nspeed = 5\n[arena]\ninterval = "1m"\n')
    environment = {"COCKPIT_MARKET__SEED": "2", "COCKPIT_MARKET__SPEED": "max", "HOME": "/"}
    resolved = resolve(config=config, environment=environment, flags={"market": {"seed": 3}})
    assert resolved.settings.market.seed == 3
    assert resolved.settings.market.speed is None
    assert resolved.settings.arena.interval == 60_000
    assert resolved.sources == {
        "market.seed": "command line",
        "market.speed": "environment",
        "arena.interval": str(config),
    }


@pytest.mark.parametrize(("text", "enabled"), [("false", False), ("0", False), ("true", True)])
def test_trading_enabled_in_the_environment_is_the_kill_switch(text, enabled):
    assert resolve(environment={"TRADING_ENABLED": text}).settings.trading.enabled is enabled


def test_where_things_are_is_no_setting():
    environment = {"COCKPIT_STATE_DIR": "/x", "COCKPIT_BOT": "y", "COCKPIT_CONFIG": "z"}
    assert resolve(environment=environment).settings == Settings()


def test_lists_in_the_environment_are_json():
    symbols = resolve(environment={"COCKPIT_MARKET__SYMBOLS": '["BTC", "ETH"]'}).settings.market.symbols
    assert symbols == ("BTC", "ETH")


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[market]\nsede = 1", r"setting market\.sede \(from .*cockpit\.toml\): there is no such setting"),
        ("[market]\nseed = -1", r"setting market\.seed .*greater than or equal to 0"),
        ('[arena]\ninterval = "soon"', r"setting arena\.interval .*'soon' is no duration.*such as 90s or 7d"),
        ("[arena]\nagent_capital = 0", r"setting arena\.agent_capital .*greater than 0"),
        ("[breakers.agent]\ndrawdown = -0.1", r"setting breakers\.agent\.drawdown"),
        (
            "[market]\nspeed = 'fast'",
            "'fast' is no speed: write market seconds per second, such as 60, or max",
        ),
        ("[[agents]]\nname = 'Bad Name'", r"setting agents\.0\.name .*: use lower-case letters, digits"),
        (
            "[[agents]]\nname = 'ann'\nkind = 'llm'\nmodel = 'deepseek-chat'",
            r"setting agents\.0\.model .*: give litellm's name with its provider, such as deepseek/",
        ),
        ("[models.routes.'a/b']\nkey = 'my key'", r"\.key .*: name an environment variable, such as "),
        (
            "[models.routes.'a/b']\napi_base = 'host:9'",
            r"\.api_base .*: give an address that begins with http",
        ),
        ("[[agents]]\nname = 'cash'\n[[agents]]\nname = 'cash'", "two agents are called cash"),
        ("agents = []", "nobody competes"),
        ("[market", "is not TOML"),
        ("nonsense = 1", r"setting nonsense .*there is no such setting"),
    ],
)
def test_a_wrong_setting_is_refused_by_name_and_source(tmp_path, toml, message):
    with pytest.raises(ConfigInvalid, match=message):
        resolve(config=written(tmp_path, toml), environment={})


@pytest.mark.parametrize(
    ("toml", "name"),
    [
        ("[venue]\nparticipation = 20", "venue.participation"),
        ("[breakers.agent]\ndrawdown = 20", "breakers.agent.drawdown"),
        ("[breakers.agent]\nblind = 'soon'", "breakers.agent.blind"),
        ("[breakers.arena]\nerrors = 'few'", "breakers.arena.errors"),
        ("[risk.venues.nyse]\nmax_open_orders = 3", "risk.venues.nyse"),
        ("[risk]\nsymbols = [3]", "risk.symbols.0"),
        ("[[agents]]\nname = 'ann'\n[agents.breakers]\ncosts = 5", "agents.0.breakers.costs"),
        ("[[agents]]\nname = 'ann'\nrisk = 3", "agents.0.risk"),
        ("[[protections]]\nmethod = 'MaxDrawdown'\ntrade_limit = 0", "protections.0.trade_limit"),
        ("[market.rules.BTC]\ntick_size = 0", "market.rules.BTC.tick_size"),
        ("[arena]\nround = 3", "arena.round"),
        ("[[agents]]\nkind = 'strategy'", "agents.0.name"),
        ("[[protections]]\nmethod = 'MaxDrawdown'", "protections.0.max_allowed_drawdown"),
    ],
)
def test_a_wrong_setting_goes_by_the_name_a_person_gave_it(tmp_path, toml, name):
    config = written(tmp_path, toml)
    with pytest.raises(ConfigInvalid, match=rf"^setting {re.escape(name)}( \(from {config}\))?: \S"):
        resolve(config=config, environment={})


def test_a_wrong_variable_is_refused_with_its_source():
    with pytest.raises(ConfigInvalid, match=r"setting market\.seed \(from environment\)"):
        resolve(environment={"COCKPIT_MARKET__SEED": "many"})


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigInvalid, match=r"can't read the settings in .*: No such file"):
        resolve(config=tmp_path / "none.toml", environment={})


def test_settings_come_back_from_json_as_they_were(tmp_path):
    toml = '[arena]\ninterval = "90s"\nduration = "7d"\n[market]\nspeed = "max"\n'
    toml += '[breakers.cool_down]\nerrors = "by hand"\n[breakers.arena]\nstale_data = "off"\n'
    settings = resolve(config=written(tmp_path, toml), environment={}).settings
    assert Settings.model_validate_json(settings.model_dump_json()) == settings


def test_every_setting_is_described_with_its_source():
    resolved = resolve(environment={"COCKPIT_MARKET__SEED": "9"})
    lines = {each.name: each for each in described(resolved)}
    assert (lines["market.seed"].value, lines["market.seed"].source) == ("9", "environment")
    assert lines["arena.rounds"].value == "not set"
    assert lines["breakers.arena.daily_trades"].value == "off"
    assert lines["breakers.cool_down.drawdown"].value == "by hand"
    assert lines["market.speed"].source == "default"


def test_eight_strategies_and_three_controls_compete_by_default():
    assert [agent.name for agent in Settings().agents] == [*DEFAULT_STRATEGIES, *CONTROLS]

"""README is true: its commands, keys, strategies and its example are the program's."""

import re
from pathlib import Path

import click
import pytest

from cockpit.cli import cli
from cockpit.settings.tree import CONTROLS, DEFAULT_STRATEGIES
from cockpit.strategies.catalog import STRATEGIES
from cockpit.strategies.stepper import Stepper
from cockpit.strategies.strategy import FLAT
from cockpit.trading.breakers import AGENT_LIMITS, ARENA_LIMITS
from cockpit.tui.actions import ACTIONS
from cockpit.tui.keys import FIXED_KEYS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def commands(group=cli, above=""):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{above}{name} ")
        elif not command.hidden:
            yield f"{above}{name}", command


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_command_is_in_it(name, command):
    first, _, second = name.partition(" ")
    assert re.search(rf"^    cockpit .*\b{first}\b.*\b{second}", README, re.MULTILINE), name


def test_every_option_of_a_run_is_in_it():
    options = {option for param in cli.commands["run"].params for option in param.opts}
    assert {option for option in options if option not in README} - {"--venue"} == set()


def test_every_key_is_in_it():
    section = README.partition("## Keys")[2].partition("\n## ")[0]
    names = {"slash": "/", "question_mark": "?", "escape": "esc", "f1": "F1"}
    for action in ACTIONS:
        for key in action.key.split(","):
            if not key.isdigit():
                assert f"`{names.get(key, key)}`" in section, action.id
    assert "`1` … `7`" in section


def test_the_keys_that_can_t_be_changed_are_named():
    table, _, below = README.partition("## Keys")[2].partition("\n## ")[0].partition("\n\n`tab`")
    fixed_words = (fixed.words.split() for fixed in FIXED_KEYS if fixed.names)
    in_table = {key for words in fixed_words for key in words if f"`{key}`" in table}
    said = re.search(r"Any of these but (.*?) can be changed", " ".join(below.split()))
    assert said is not None
    assert set(re.findall(r"`([^`]+)`", said[1])) == in_table
    assert in_table >= {"[", "]", "ctrl+p"}


def test_the_token_is_never_among_a_command_s_arguments():
    assert "$(cat" not in README
    assert "| curl -H @-" in README


def test_every_contestant_and_every_breaker_is_in_it():
    for name in (*DEFAULT_STRATEGIES, *CONTROLS, *AGENT_LIMITS, *ARENA_LIMITS):
        assert f"`{name}`" in README
    assert set(STRATEGIES) == {*DEFAULT_STRATEGIES, *CONTROLS}


def test_its_strategy_of_ten_lines_works():
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    imports = (
        "import math\n"
        "from dataclasses import dataclass, field\n"
        "from cockpit.strategies.indicators.averages import Ema, update_ema\n"
        "from cockpit.strategies.strategy import Strategy, StrategyParams, param\n"
    )
    names = {"__name__": "readme"}
    exec(imports + example, names)  # README's own words
    strategy = names["DipBuyer"]
    from cockpit.domain.market import Bar

    stepper = Stepper(strategy, strategy.make_params({}), 1)
    closes = [100.0 + number % 7 for number in range(80)]
    bars = [Bar(number * 60_000, close, close, close, close, 1.0) for number, close in enumerate(closes)]
    exposures = [stepper.step(bar.open_ms, [bar], [FLAT])[0].exposure for bar in bars]
    assert set(exposures[60:]) == {0.0, 1.0}

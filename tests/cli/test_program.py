"""What is wrong with a command is said in one line on stderr, with what to do, and an exit code."""

import logging
import sys

import pytest

from cockpit.cli import main


@pytest.fixture
def _log():
    """The process's log, which `run` sends to the bot's file, is what it was afterwards."""
    root, handlers, level = logging.getLogger(), list(logging.getLogger().handlers), logging.getLogger().level
    yield
    for handler in set(root.handlers) - set(handlers):
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def cockpit(_log, tmp_path, monkeypatch, capsys):
    """The program: exit code, standard output and standard error of a command that is typed."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["cockpit", "--state-dir", str(tmp_path / "state"), *arguments])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("fly",), "no such command 'fly'; see `cockpit --help`"),
        (
            ("statu",),
            "no such command 'statu' (did you mean one of: 'start', 'status'?); see `cockpit --help`",
        ),
        (("debate",), "missing argument 'SYMBOL'; see `cockpit debate --help`"),
        (("run", "--rounds=0"), "invalid value for '--rounds': 0 is not in the range x>=1; see `cockpit run"),
        (("profiles", "add", "ai", "pro"), "missing option '--model'; see `cockpit profiles add ai --help`"),
        (
            ("profiles", "edit", "ai", "pro"),
            "nothing is to change: give at least one option; see `cockpit pro",
        ),
        (("stop", "--now", "--flatten"), "--now abandons what --flatten would have to wait for: give one of"),
        (
            ("--bot", "../../etc", "status"),
            "invalid value for '--bot': use lower-case letters, digits, - and",
        ),
        (
            ("picture", "it.svg", "--theme=pink"),
            "invalid value for '--theme': there is no theme 'pink'; ther",
        ),
        (("run", "--duration=soon"), "setting arena.duration (from command line): 'soon' is no duration"),
        (("run", "--market=moon"), "setting market.kind (from command line): Input should be 'simulated' or"),
        (("run", "--symbol=LUNA"), "the simulated market has no LUNA; it has BTC/USDC:USDC"),
        (("run", "--strategy=hodl"), "agent hodl: there is no strategy hodl; there are liquidity_sweep"),
        (
            ("run", "--market=replay"),
            "market replay needs candles: give --data FILE_OR_FOLDER, or market.data",
        ),
        (("run", "--data=/nowhere"), "/nowhere doesn't exist: give a file of candles or a folder of them"),
        (
            ("run", "--interval=90s"),
            "rounds every 90 s don't fit bars of 60 s; give --interval a multiple of the bars'",
        ),
        (("up",), "the dashboard needs a terminal; without one there are `cockpit start` and"),
        (("attach",), "the dashboard needs a terminal; without one there are `cockpit start` and"),
    ],
)
def test_a_wrong_word_is_refused_in_one_line_and_nothing_begins(cockpit, tmp_path, arguments, line):
    code, out, err = cockpit(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"cockpit: {line}")
    assert err.count("\n") == 1
    assert not (tmp_path / "state" / "arena" / "journal.sqlite").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (("status",), 3, "the bot arena isn't running; `cockpit start` starts it"),
        (("--bot", "red", "pause"), 3, "the bot red isn't running; `cockpit --bot red start` starts it"),
        (("rebuild",), 1, "no bot has run there yet"),
        (("report",), 1, "no bot has run there yet"),
        (("audit", "fill:1"), 1, "no bot has run there yet"),
    ],
)
def test_where_there_is_no_bot_it_is_said_how_to_get_one(cockpit, arguments, code, line):
    found, out, err = cockpit(*arguments)
    assert (found, out) == (code, "")
    assert err.endswith(f"{line}\n")
    assert err.count("\n") == 1


def test_a_group_without_a_command_shows_its_commands(cockpit):
    code, _, err = cockpit("profiles")
    assert code == 2
    assert {"add", "edit", "list", "remove", "show"} <= set(err.split())


def test_a_picture_that_can_t_be_written_is_told_in_one_line(cockpit, tmp_path):
    (tmp_path / "file").touch()
    code, _, err = cockpit("picture", "file/it.svg", "--size=80x24")
    assert (code, err) == (1, "cockpit: can't write file/it.svg: File exists\n")

"""Starting and stopping a bot's process: real processes, real sockets, real signals."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cockpit.daemon import stopping
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.process import (
    AlreadyRunning,
    BotLock,
    Ending,
    NotRunning,
    Patience,
    StartFailed,
    StopFailed,
    running_pid,
    spawn,
    stop,
)

_TINY_BOT = Path(__file__).with_name("tiny_bot.py")
_SHORT = Patience(answer_s=0.3, request_s=0.1, sigterm_s=0.1, sigkill_s=5)


def _command(folder: BotFolder, manner: str = "good") -> list[str]:
    return [sys.executable, str(_TINY_BOT), str(folder.root), manner]


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(folder: BotFolder) -> Iterator[None]:
    yield
    pid = running_pid(folder)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)


def test_a_bot_is_started_apart_from_its_starter_and_answers(folder: BotFolder) -> None:
    pid = spawn(folder, _command(folder), 20)
    process = psutil.Process(pid)
    assert running_pid(folder) == pid
    assert os.getsid(pid) == pid
    assert process.cwd() == str(Path.cwd())
    assert Path(f"/proc/{pid}/fd/0").resolve() == Path(os.devnull)
    assert f"tiny bot serves from {Path.cwd()}" in folder.log.read_text()


def test_a_running_bot_is_not_started_again(folder: BotFolder) -> None:
    pid = spawn(folder, _command(folder), 20)
    with pytest.raises(AlreadyRunning) as refusal:
        spawn(folder, _command(folder), 20)
    assert refusal.value.pid == pid


def test_of_two_starts_at_once_one_wins_and_the_other_is_told(folder: BotFolder) -> None:
    outcomes: list[int | AlreadyRunning] = []

    def start() -> None:
        try:
            outcomes.append(spawn(folder, _command(folder), 20))
        except AlreadyRunning as refusal:
            outcomes.append(refusal)

    starts = [threading.Thread(target=start) for _ in range(2)]
    for each in starts:
        each.start()
    for each in starts:
        each.join()
    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, int)]
    (loser,) = [outcome for outcome in outcomes if isinstance(outcome, AlreadyRunning)]
    assert loser.pid == winner == running_pid(folder)


def test_a_bot_that_fails_to_start_is_quoted(folder: BotFolder) -> None:
    with pytest.raises(StartFailed, match=r"^market.kind: 'moon' is no market$"):
        spawn(folder, _command(folder, "failing"), 20)


def test_a_bot_that_dies_without_a_word_is_told_by_its_code(folder: BotFolder) -> None:
    with pytest.raises(StartFailed, match="ended at once with code 3 and said nothing"):
        spawn(folder, [sys.executable, "-c", "raise SystemExit(3)"], 20)


def test_a_bot_that_never_answers_is_ended_again(folder: BotFolder) -> None:
    with pytest.raises(StartFailed, match=r"did not answer within 0.3 s"):
        spawn(folder, _command(folder, "mute"), 0.3)
    assert running_pid(folder) is None


def test_a_program_that_is_not_there_can_t_be_started(folder: BotFolder) -> None:
    with pytest.raises(StartFailed, match=r"/nowhere/python can't be started: No such file"):
        spawn(folder, ["/nowhere/python"], 20)


def test_a_stale_pid_file_and_socket_don_t_keep_a_bot_from_starting(folder: BotFolder) -> None:
    os.kill(spawn(folder, _command(folder), 20), signal.SIGKILL)
    while running_pid(folder) is not None:
        pass
    folder.pid.write_text(f"{os.getppid()}\n")
    assert spawn(folder, _command(folder), 20) == running_pid(folder)


def test_a_stop_returns_when_the_process_is_gone(folder: BotFolder) -> None:
    pid = spawn(folder, _command(folder), 20)
    lines: list[str] = []
    outcome = stop(folder, now=False, flatten=False, tell=lines.append)
    assert (outcome.pid, outcome.ending) == (pid, Ending.REQUEST)
    assert lines == ["the bot ends"]
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert running_pid(folder) is None


def test_without_a_bot_there_is_nothing_to_stop_whatever_the_pid_file_says(folder: BotFolder) -> None:
    folder.root.mkdir()
    folder.pid.write_text(f"{os.getpid()}\n")
    with pytest.raises(NotRunning, match="the bot arena isn't running"):
        stop(folder, now=True, flatten=False, tell=print)


def test_a_bot_that_does_not_end_on_request_gets_sigterm(folder: BotFolder) -> None:
    pid = spawn(folder, _command(folder, "deaf"), 20)
    lines: list[str] = []
    outcome = stop(folder, now=False, flatten=False, tell=lines.append, patience=_SHORT)
    assert outcome.ending is Ending.SIGTERM
    assert lines == [
        "the bot ends",
        f"the bot (pid {pid}) did not end within 0.1 s",
        f"sent SIGTERM to pid {pid}",
    ]


def test_a_bot_that_ignores_sigterm_is_killed(folder: BotFolder) -> None:
    pid = spawn(folder, _command(folder, "stubborn"), 20)
    lines: list[str] = []
    outcome = stop(folder, now=False, flatten=False, tell=lines.append, patience=_SHORT)
    assert outcome.ending is Ending.SIGKILL
    assert lines[2:] == [
        f"sent SIGTERM to pid {pid}",
        f"the bot (pid {pid}) outlived SIGTERM for 0.1 s",
        f"sent SIGKILL to pid {pid}",
    ]
    assert running_pid(folder) is None


def test_a_bot_whose_socket_is_gone_is_stopped_by_signal(folder: BotFolder) -> None:
    spawn(folder, _command(folder), 20)
    folder.socket.unlink()
    lines: list[str] = []
    outcome = stop(folder, now=False, flatten=False, tell=lines.append, patience=_SHORT)
    assert outcome.ending is Ending.SIGTERM
    assert lines[0].startswith("the bot does not answer")


def test_a_frozen_bot_is_killed(folder: BotFolder) -> None:
    os.kill(spawn(folder, _command(folder), 20), signal.SIGSTOP)
    outcome = stop(folder, now=True, flatten=False, tell=lambda line: None, patience=_SHORT)
    assert outcome.ending is Ending.SIGKILL


def test_a_bot_that_can_t_be_seen_is_waited_for_without_haste(
    folder: BotFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int | None] = []

    def look(at: BotFolder) -> int | None:
        looks.append(running_pid(at))
        return looks[-1]

    monkeypatch.setattr(stopping, "running_pid", look)
    with BotLock(folder), pytest.raises(StopFailed, match="can't be seen from here"):
        stopping._end_unseen(folder, os.getpid(), True, Patience(request_s=0.2))
    assert set(looks) == {os.getpid()}
    assert 2 <= len(looks) <= 12

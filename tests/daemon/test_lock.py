"""One process per bot, and who it is."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cockpit.daemon.folder import BotFolder
from cockpit.daemon.lock import (
    AlreadyRunning,
    BotLock,
    FolderUnusable,
    holder_of,
    list_bots,
    read_pid,
    remove_pid,
    running_pid,
    write_pid,
)

_HOLDER = (
    "import sys; from pathlib import Path; from cockpit.daemon.folder import BotFolder;"
    "from cockpit.daemon.lock import BotLock, write_pid;"
    "folder = BotFolder(Path(sys.argv[1])); lock = BotLock(folder); lock.acquire(); write_pid(folder);"
    "print('held', flush=True); sys.stdin.read()"
)


@contextmanager
def held_by_another_process(folder: BotFolder) -> "Iterator[subprocess.Popen[bytes]]":
    child = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(folder.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        try:
            yield child
        finally:
            child.kill()


def test_the_process_that_holds_the_lock_runs_the_bot(folder: BotFolder) -> None:
    assert running_pid(folder) is None
    with BotLock(folder):
        assert running_pid(folder) == os.getpid()
    assert running_pid(folder) is None


def test_a_second_process_is_refused_and_told_the_first(folder: BotFolder) -> None:
    with held_by_another_process(folder) as child:
        with pytest.raises(AlreadyRunning, match=f"the bot arena is running already \\(pid {child.pid}\\)"):
            BotLock(folder).acquire()
        holder = holder_of(folder)
        assert holder is not None
        assert holder.pid == child.pid


def test_a_killed_bot_leaves_a_pid_file_that_misleads_nobody(folder: BotFolder) -> None:
    with held_by_another_process(folder) as child:
        pass
    assert read_pid(folder) == child.pid
    assert running_pid(folder) is None
    with BotLock(folder):
        assert running_pid(folder) == os.getpid()


def test_a_pid_file_that_names_another_living_program_is_no_bot(folder: BotFolder) -> None:
    folder.root.mkdir()
    folder.pid.write_text(f"{os.getppid()}\n")
    assert running_pid(folder) is None


@pytest.mark.parametrize("text", ["", "\n", "abc\n", "-5\n", "²\n", "9" * 40])
def test_a_pid_file_without_a_pid_says_nothing(folder: BotFolder, text: str) -> None:
    folder.root.mkdir()
    folder.pid.write_text(text, encoding="utf-8")
    assert read_pid(folder) is None


def test_the_pid_stands_alone_on_its_first_line_and_goes_with_its_process(folder: BotFolder) -> None:
    folder.root.mkdir()
    write_pid(folder)
    assert folder.pid.read_text() == f"{os.getpid()}\n"
    remove_pid(folder)
    assert not folder.pid.exists()


def test_another_process_s_pid_file_is_left_alone(folder: BotFolder) -> None:
    folder.root.mkdir()
    folder.pid.write_text("1\n")
    remove_pid(folder)
    assert read_pid(folder) == 1


def test_whoever_looks_does_not_keep_a_bot_from_starting(folder: BotFolder) -> None:
    folder.root.mkdir()
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            running_pid(folder)

    onlookers = [threading.Thread(target=look) for _ in range(3)]
    for onlooker in onlookers:
        onlooker.start()
    try:
        for _ in range(100):
            with BotLock(folder):
                pass
    finally:
        is_over.set()
        for onlooker in onlookers:
            onlooker.join()


def test_a_lock_file_that_is_deleted_before_a_start_is_made_anew(folder: BotFolder) -> None:
    with BotLock(folder):
        pass
    folder.lock.unlink()
    with BotLock(folder):
        assert running_pid(folder) == os.getpid()


def test_bots_of_a_state_folder_are_listed_by_name_with_their_pids(tmp_path: Path) -> None:
    idle, busy = BotFolder(tmp_path / "idle"), BotFolder(tmp_path / "busy")
    (tmp_path / "no bot at all").mkdir()
    with BotLock(idle):
        pass
    with BotLock(busy):
        assert list_bots(tmp_path) == [("busy", os.getpid()), ("idle", None)]
    assert list_bots(tmp_path / "nowhere") == []


def test_a_folder_that_can_t_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, not a folder")
    folder = BotFolder(tmp_path / "state" / "arena")
    assert running_pid(folder) is None
    with pytest.raises(FolderUnusable, match=r"state/arena can't be used: Not a directory; give another"):
        BotLock(folder).acquire()

"""The socket a bot listens on."""

import os
import socket
import stat
from pathlib import Path

import pytest

from cockpit.daemon.folder import MAX_SOCKET_PATH, BotFolder
from cockpit.daemon.unix_socket import SocketRefused, listen_at, opened_socket, remove_socket


def test_only_its_own_user_may_connect(folder: BotFolder) -> None:
    with listen_at(folder.socket):
        assert stat.S_IMODE(folder.socket.stat().st_mode) == 0o600


def test_what_a_dead_bot_left_is_replaced(folder: BotFolder) -> None:
    listen_at(folder.socket).close()
    assert folder.socket.is_socket()
    with listen_at(folder.socket), socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(folder.socket))


def test_a_live_bot_is_not_pushed_aside(folder: BotFolder) -> None:
    with listen_at(folder.socket), pytest.raises(SocketRefused, match=r"a bot answers at .* already"):
        listen_at(folder.socket)


def test_a_file_that_is_no_socket_is_left_alone(folder: BotFolder) -> None:
    folder.root.mkdir()
    folder.socket.write_text("precious")
    with pytest.raises(SocketRefused, match="is no socket: move it away"):
        listen_at(folder.socket)
    assert folder.socket.read_text() == "precious"


def test_a_folder_that_everybody_may_write_to_is_refused(folder: BotFolder) -> None:
    folder.root.mkdir()
    folder.root.chmod(0o777)
    with pytest.raises(SocketRefused, match="everybody may write to the folder"):
        listen_at(folder.socket)


def test_before_it_listens_who_connects_finds_nobody_and_in_the_end_it_is_gone(folder: BotFolder) -> None:
    with opened_socket(folder.socket) as bound:
        assert stat.S_IMODE(folder.socket.stat().st_mode) == 0o600
        with socket.socket(socket.AF_UNIX) as caller, pytest.raises(ConnectionRefusedError):
            caller.connect(str(folder.socket))
        bound.listen()
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(folder.socket))
    assert not folder.socket.exists()


def test_a_socket_that_another_bot_has_replaced_is_not_removed_in_the_end(folder: BotFolder) -> None:
    with opened_socket(folder.socket):
        other = listen_at(folder.socket)
    with other:
        assert folder.socket.is_socket()


def test_a_path_too_long_for_a_socket_falls_back_to_a_folder_of_the_user_s_own(tmp_path: Path) -> None:
    folder = BotFolder(tmp_path / ("a long way down " * 8) / "arena")
    assert len(str(folder.root / "cockpit.sock")) > MAX_SOCKET_PATH
    with listen_at(folder.socket):
        assert folder.socket.parent == Path("/tmp") / f"cockpit-{os.getuid()}"
        assert stat.S_IMODE(folder.socket.parent.stat().st_mode) == 0o700
        assert folder.socket.is_socket()
        remove_socket(folder.socket, folder.socket.stat().st_ino)
    assert BotFolder(folder.root.with_name("other")).socket != folder.socket


def test_a_socket_is_removed_by_its_own_bot_only(folder: BotFolder) -> None:
    with listen_at(folder.socket):
        mine = folder.socket.stat().st_ino
    with listen_at(folder.socket):
        remove_socket(folder.socket, folder.socket.stat().st_ino + 1)
        assert folder.socket.exists()
        remove_socket(folder.socket, folder.socket.stat().st_ino)
    assert not folder.socket.exists()
    remove_socket(folder.socket, mine)

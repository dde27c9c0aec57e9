"""A bot's process, where it can't even begin."""

import logging

import pytest

from cockpit.daemon.access_token import TokenRefused
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.hosting import Hosting, host
from cockpit.daemon.loopback import PortRefused, listen_on_loopback
from cockpit.daemon.runs import NothingUnfinished
from cockpit.daemon.unix_socket import SocketRefused
from cockpit.settings.resolve import resolve
from tests.daemon.conftest import STANDING_STILL


def test_a_port_that_is_taken_is_told_and_leaves_no_run_behind(folder: BotFolder) -> None:
    with listen_on_loopback(0) as taken:
        port = taken.getsockname()[1]
        told = rf"127.0.0.1:{port} can't be listened at .*: choose another api.port"
        with pytest.raises(PortRefused, match=told):
            _hosted(folder, port)
        log = folder.log.read_text()
    _assert_nothing_was_begun(folder)
    assert "can't be listened at" in log
    assert "Traceback" not in log
    assert len(log.splitlines()) == 1


def test_a_token_that_can_t_be_trusted_is_told_and_leaves_no_run_behind(folder: BotFolder) -> None:
    folder.root.mkdir()
    folder.token.write_text("no token")
    folder.token.chmod(0o600)
    with pytest.raises(TokenRefused, match="holds no token"):
        _hosted(folder, 0)
    _assert_nothing_was_begun(folder)
    assert len(folder.log.read_text().splitlines()) == 1


def test_a_socket_that_is_refused_is_told_and_leaves_no_run_behind(folder: BotFolder) -> None:
    folder.root.mkdir()
    folder.socket.write_text("precious")
    with pytest.raises(SocketRefused, match="is no socket: move it away"):
        _hosted(folder, None)
    assert folder.socket.read_text() == "precious"
    assert not folder.journal.exists()
    assert len(folder.log.read_text().splitlines()) == 1


def test_a_bot_that_can_t_be_opened_leaves_no_socket_behind(folder: BotFolder) -> None:
    with pytest.raises(NothingUnfinished, match="no unfinished run"):
        _hosted(folder, None, emergency_by="a test")
    assert not folder.socket.exists()


def _hosted(folder: BotFolder, port: int | None, emergency_by: str = "") -> None:
    """Hosts a bot as its process does; it is expected to refuse at once."""
    settings = resolve(environment={}, flags=STANDING_STILL | {"api": {"port": port}}).settings
    root, handlers, level = logging.getLogger(), list(logging.getLogger().handlers), logging.getLogger().level
    try:
        hosting = Hosting(new=not emergency_by, foreground=True, emergency_by=emergency_by)
        host(folder, settings, hosting)
    finally:
        for handler in set(root.handlers) - set(handlers):
            handler.close()
        root.handlers[:] = handlers
        root.setLevel(level)


def _assert_nothing_was_begun(folder: BotFolder) -> None:
    assert not folder.socket.exists()
    assert not folder.journal.exists()

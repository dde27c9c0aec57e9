"""A bot's process, where it can't even begin."""

import logging

import pytest

from cockpit.daemon.access_token import TokenRefused
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.hosting import Hosting, host
from cockpit.daemon.loopback import PortRefused, listen_on_loopback
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


def _hosted(folder: BotFolder, port: int) -> None:
    """Hosts a bot as its process does; it is expected to refuse at once."""
    settings = resolve(environment={}, flags=STANDING_STILL | {"api": {"port": port}}).settings
    root, handlers, level = logging.getLogger(), list(logging.getLogger().handlers), logging.getLogger().level
    try:
        host(folder, settings, Hosting(new=True, foreground=True))
    finally:
        for handler in set(root.handlers) - set(handlers):
            handler.close()
        root.handlers[:] = handlers
        root.setLevel(level)


def _assert_nothing_was_begun(folder: BotFolder) -> None:
    assert not folder.socket.exists()
    assert not folder.journal.exists()

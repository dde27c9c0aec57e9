import threading
from shutil import copy

import pytest

from cockpit.daemon.folder import BotFolder
from cockpit.daemon.lock import BotLock
from cockpit.domain.errors import CockpitError
from cockpit.journal.errors import UnknownIdent
from cockpit.tui.bot_link import SocketLink
from cockpit.tui.link import CommandRefused, LinkLost


@pytest.fixture
def folder(tmp_path):
    return BotFolder(tmp_path / "arena")


async def test_a_bot_that_does_not_run_is_told_as_such(folder):
    link = SocketLink(folder, lambda: None)
    assert not link.is_running()
    with pytest.raises(LinkLost, match="no bot answers"):
        await link.attach()
    with pytest.raises(LinkLost):
        await link.facts()
    with pytest.raises(LinkLost):
        await link.limits()
    with pytest.raises(LinkLost):
        await link.ended_orders(10)
    with pytest.raises(LinkLost):
        await link.send("/pause")
    with pytest.raises(LinkLost):
        await anext(link.messages(0))
    await link.close()


async def test_without_a_bot_a_trail_is_read_from_its_journal(folder, link):
    folder.root.mkdir(parents=True)
    copy(await link.journal(), folder.journal)
    trail = await SocketLink(folder, lambda: None).audit("order:1")
    assert trail.ident == "order:1"
    assert any(step.asked for step in trail.steps)
    with pytest.raises(UnknownIdent, match="has no order:9999"):
        await SocketLink(folder, lambda: None).audit("order:9999")


async def test_a_lock_that_is_held_is_a_bot_that_runs(folder):
    lock = BotLock(folder)
    lock.acquire()
    try:
        assert SocketLink(folder, lambda: None).is_running()
    finally:
        lock.release()


async def test_a_start_that_fails_is_refused_in_its_own_words(folder):
    def start() -> None:
        raise CockpitError("no such market; see --market")

    with pytest.raises(CommandRefused, match="no such market"):
        await SocketLink(folder, start).start()


async def test_a_start_that_somebody_else_won_is_no_failure(folder):
    lock = BotLock(folder)
    lock.acquire()

    def start() -> None:
        raise CockpitError("the bot is running already")

    try:
        await SocketLink(folder, start).start()
    finally:
        lock.release()


async def test_a_start_runs_in_a_thread_of_its_own(folder):
    threads = []
    await SocketLink(folder, lambda: threads.append(threading.get_ident())).start()
    assert threads != [threading.get_ident()]

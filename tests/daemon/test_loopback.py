"""The control API over TCP: real sockets, real requests, and who is let in."""

import asyncio
import logging
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack

import httpx
import pytest
import pytest_asyncio

from cockpit.daemon import bounded_connection
from cockpit.daemon.bot import Bot
from cockpit.daemon.bounded_connection import LoopbackConnection
from cockpit.daemon.client import BotClient
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.loopback import listen_on_loopback, opened_loopback
from cockpit.daemon.server import ApiServer
from cockpit.daemon.status import status_lines
from cockpit.settings.resolve import resolve
from tests.daemon.conftest import STANDING_STILL, OpenBot

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def open_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ApiServer]:
    """The API of a bot that stands still, over TCP too."""
    folder = BotFolder(tmp_path_factory.mktemp("loopback") / "arena")
    settings = resolve(environment={}, flags=STANDING_STILL).settings
    bot = await Bot.open(folder, settings, new=True, run_id="run-1", wall_ms=1_760_000_000_000)
    with opened_loopback(0, folder.token) as loopback:
        async with ApiServer(bot, loopback) as server:
            yield server
    await bot.close("the tests are over")


@pytest.fixture
def token(open_server: ApiServer) -> str:
    return open_server.folder.token.read_text().strip()


def at(server: ApiServer) -> str:
    assert server.address is not None
    return server.address


def over_tcp(server: ApiServer) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=at(server), verify=False, trust_env=False)


async def _get(server: ApiServer, target: str = "/health", **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): text for name, text in headers.items()}
    async with over_tcp(server) as http:
        return await http.get(target, headers=sent)


async def test_with_the_token_it_is_the_same_api(open_server: ApiServer, token: str) -> None:
    told = await _get(open_server, authorization=f"Bearer {token}")
    async with BotClient(open_server.folder.socket) as client:
        health = await client.health()
    assert told.status_code == 200
    assert told.json()["run_id"] == health["run_id"] == "run-1"
    assert told.json()["address"] == health["address"] == at(open_server)
    assert at(open_server).startswith("http://127.0.0.1:")


_NOT_IT = ("", "Bearer", "Bearer x", "Basic {token}", "{token}", "Bearer {token}x", "Bearer {head}", "é")


@pytest.mark.parametrize("authorization", _NOT_IT)
async def test_without_the_token_nothing_is_told(
    open_server: ApiServer, token: str, authorization: str
) -> None:
    said = authorization.format(token=token, head=token[:-1])
    async with over_tcp(open_server) as http:
        answer = await http.get("/health", headers=[(b"Authorization", said.encode())])
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json() == {
        "error": "send `Authorization: Bearer` and the token of the file `token` in the bot's folder"
    }


async def test_a_request_that_changes_something_needs_it_too(open_server: ApiServer) -> None:
    async with over_tcp(open_server) as http:
        assert (await http.post("/kill", json={})).status_code == 401
    async with BotClient(open_server.folder.socket) as client:
        assert not (await client.health())["killed"]


_ELSEWHERE = ("evil.example", "evil.example:{port}", "127.0.0.1", "localhost:1", "[::1]:{port}")


@pytest.mark.parametrize("host", _ELSEWHERE)
async def test_a_request_for_another_host_is_sent_away_whatever_it_carries(
    open_server: ApiServer, token: str, host: str
) -> None:
    port = at(open_server).rpartition(":")[2]
    answer = await _get(open_server, host=host.format(port=port), authorization=f"Bearer {token}")
    assert answer.status_code == 421
    assert answer.json() == {"error": f"this is 127.0.0.1:{port}, and no other host"}


async def test_it_goes_by_localhost_as_well(open_server: ApiServer, token: str) -> None:
    port = at(open_server).rpartition(":")[2]
    answer = await _get(open_server, host=f"LocalHost:{port}", authorization=f"bearer {token}")
    assert answer.status_code == 200


async def test_a_page_in_a_browser_is_given_no_leave_to_read(open_server: ApiServer, token: str) -> None:
    asked = {"origin": "https://evil.example", "access_control_request_method": "POST"}
    told = await _get(open_server, authorization=f"Bearer {token}", **asked)
    async with over_tcp(open_server) as http:
        preflight = await http.options("/kill", headers={"Origin": "https://evil.example"})
    assert preflight.status_code == 401
    for answer in (told, preflight):
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_events_are_streamed_over_it(open_server: ApiServer, token: str) -> None:
    async with (
        over_tcp(open_server) as http,
        http.stream("GET", "/events?since=0", headers={"Authorization": f"Bearer {token}"}) as answer,
    ):
        first = [line async for line in _until(answer.aiter_lines(), "id: 1")]
    assert first[-1] == "id: 1"


async def _until(lines: AsyncIterator[str], last: str) -> AsyncIterator[str]:
    async for line in lines:
        yield line
        if line == last:
            return


async def test_nobody_else_on_the_network_can_reach_it() -> None:
    with listen_on_loopback(0) as listener:
        host, port = listener.getsockname()
        assert host == "127.0.0.1"
        if sys.platform == "linux":  # elsewhere 127.0.0.2 is no address
            with socket.socket() as other:
                other.bind(("127.0.0.2", port))  # the same port of any other address is free


async def test_the_token_is_not_in_the_log(
    open_server: ApiServer, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("cockpit", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):  # uvicorn has set its own
        caplog.set_level(logging.DEBUG, logger=name)
    assert logging.getLogger("uvicorn.access").hasHandlers()
    await _get(open_server, f"/nowhere/{token}", authorization=f"Bearer {token}")
    await _get(open_server, authorization=f"Bearer {token}x")
    assert token not in caplog.text


async def test_the_status_tells_the_address(open_server: ApiServer) -> None:
    async with BotClient(open_server.folder.socket) as client:
        lines = status_lines(await client.health(), await client.get("/leaderboard"), [])
    assert f"API also at {at(open_server)}, with the token in the bot's folder" in lines


async def test_unless_it_is_asked_for_there_is_neither_address_nor_token(server: ApiServer) -> None:
    async with BotClient(server.folder.socket) as client:
        health = await client.health()
    assert health["address"] is None
    assert not any("API also at" in line for line in status_lines(health, {"rows": []}, []))
    assert not server.folder.token.exists()


async def test_once_it_has_ended_nobody_listens_and_the_port_is_free(
    open_bot: OpenBot, folder: BotFolder
) -> None:
    bot = await open_bot(STANDING_STILL)
    with opened_loopback(0, folder.token) as loopback:
        async with ApiServer(bot, loopback) as server:
            address = at(server)
    async with httpx.AsyncClient(verify=False, trust_env=False) as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(f"{address}/health")
    listen_on_loopback(int(address.rpartition(":")[2])).close()


class TestAgainstThoseWhoOnlyTakeUpRoom:
    """Without the token one can connect; that must not keep the bot from being stopped."""

    @pytest.fixture(autouse=True)
    def _little_patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bounded_connection, "REQUEST_S", 0.3)

    async def test_silent_connections_leave_room_for_the_kill_switch_and_are_closed(
        self, open_server: ApiServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bounded_connection, "REQUEST_S", 1.0)
        cap = LoopbackConnection.max_connections
        with ExitStack() as stack:
            silent = [await _connected(open_server, stack) for _ in range(cap + 50)]
            await asyncio.sleep(0.1)
            cut_off = [await _is_closed_within(each, 0.002) for each in silent]
            assert cut_off.count(True) == 50, "more than the cap are not even listened to"
            async with BotClient(open_server.folder.socket) as client:
                assert (await client.post("/kill"))["done"]
                await client.post("/unkill")
            for each in silent:
                assert await _is_closed_within(each, 5)

    async def test_once_they_are_gone_there_is_room_again(self, open_server: ApiServer, token: str) -> None:
        told = await _get(open_server, authorization=f"Bearer {token}")
        assert told.status_code == 200

    @pytest.mark.parametrize(
        "said",
        [
            b"GET /health HTTP/1.1\r\nHost: 127",
            b"POST /kill HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
        ],
    )
    async def test_a_request_that_never_ends_is_cut_off_however_it_trickles(
        self, open_server: ApiServer, said: bytes
    ) -> None:
        loop = asyncio.get_running_loop()
        with ExitStack() as stack:
            slow = await _connected(open_server, stack)
            await loop.sock_sendall(slow, said)
            for _ in range(8):
                await asyncio.sleep(0.1)
                try:
                    await loop.sock_sendall(slow, b"0")
                except (BrokenPipeError, ConnectionResetError):
                    break
            assert await _is_closed_within(slow, 0)

    async def test_a_connection_that_waits_for_its_next_request_waits_no_longer_either(
        self, open_server: ApiServer, token: str
    ) -> None:
        request = f"GET /health HTTP/1.1\r\nHost: localhost:{_port(open_server)}\r\n"
        request += f"Authorization: Bearer {token}\r\n\r\n"
        loop = asyncio.get_running_loop()
        with ExitStack() as stack:
            kept = await _connected(open_server, stack)
            for _ in range(3):
                await loop.sock_sendall(kept, request.encode())
                assert (await loop.sock_recv(kept, 65_536)).startswith(b"HTTP/1.1 200")
                await asyncio.sleep(0.2)
            assert await _is_closed_within(kept, 5)

    async def test_an_answer_may_take_as_long_as_it_takes(self, open_server: ApiServer, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        async with over_tcp(open_server) as http, http.stream("GET", "/events", headers=headers) as answer:
            lines = answer.aiter_lines()
            await anext(lines)
            await asyncio.sleep(0.5)
            async with BotClient(open_server.folder.socket) as client:
                await client.post("/pause")
                await client.post("/resume")
            assert [line async for line in _until(lines, "event: pause_set")][-1] == "event: pause_set"


def _port(server: ApiServer) -> int:
    return int(at(server).rpartition(":")[2])


async def _connected(server: ApiServer, stack: ExitStack) -> socket.socket:
    peer = stack.enter_context(socket.socket())
    peer.setblocking(False)
    await asyncio.get_running_loop().sock_connect(peer, ("127.0.0.1", _port(server)))
    return peer


async def _is_closed_within(peer: socket.socket, patience_s: float) -> bool:
    """Whether the other side ends the connection."""
    try:
        async with asyncio.timeout(patience_s):
            while await asyncio.get_running_loop().sock_recv(peer, 65_536):
                pass
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
    return True

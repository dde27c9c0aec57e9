"""The control API over TCP: real sockets, real requests, and who is let in."""

import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import pytest
import pytest_asyncio

from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.loopback import PortRefused, listen_on_loopback
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
    async with ApiServer(bot, 0) as server:
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


async def test_nobody_else_on_the_network_can_reach_it(open_server: ApiServer) -> None:
    port = int(at(open_server).rpartition(":")[2])
    with socket.socket() as other:
        other.bind(("127.0.0.2", port))  # the same port of any other address is free


async def test_the_token_is_not_in_the_log(
    open_server: ApiServer, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="cockpit")
    caplog.set_level(logging.DEBUG, logger="uvicorn")
    await _get(open_server, f"/nowhere/{token}", authorization=f"Bearer {token}")
    await _get(open_server, authorization=f"Bearer {token}x")
    assert token not in caplog.text


async def test_the_status_tells_the_address(open_server: ApiServer) -> None:
    async with BotClient(open_server.folder.socket) as client:
        lines = status_lines(await client.health(), await client.get("/leaderboard"))
    assert f"API also at {at(open_server)}, with the token in the bot's folder" in lines


async def test_unless_it_is_asked_for_there_is_neither_address_nor_token(server: ApiServer) -> None:
    async with BotClient(server.folder.socket) as client:
        health = await client.health()
    assert health["address"] is None
    assert not any("API also at" in line for line in status_lines(health, {"rows": []}))
    assert not server.folder.token.exists()


@contextmanager
def _taken_port() -> Iterator[int]:
    with listen_on_loopback(0) as taken:
        yield taken.getsockname()[1]


async def test_a_port_that_is_taken_is_told_and_leaves_nothing_behind(open_bot: OpenBot) -> None:
    bot = await open_bot(STANDING_STILL)
    with _taken_port() as port:
        server = ApiServer(bot, port)
        with pytest.raises(
            PortRefused, match=rf"127.0.0.1:{port} can't be listened at .*: choose another api.port"
        ):
            await server.start()
    assert not bot.folder.socket.exists()
    async with ApiServer(bot, port) as again:  # and once the port is free, that is where it answers
        assert again.address == f"http://127.0.0.1:{port}"
    with pytest.raises(httpx.ConnectError):
        await httpx.AsyncClient(verify=False).get(f"http://127.0.0.1:{port}/health")

"""Talking to a bot that is there, that is not, that hangs, and that is of another version."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from cockpit.daemon import client as client_module
from cockpit.daemon.client import BotClient, BotRefused, BotUnreachable
from cockpit.daemon.folder import BotFolder

Talk = Callable[[asyncio.StreamWriter], object]


@asynccontextmanager
async def a_peer(folder: BotFolder, said: bytes, *, hangs: bool = False) -> AsyncIterator[BotClient]:
    """Something that answers every request with the same bytes, and hangs up or not."""
    released = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()
        if hangs:
            await released.wait()
        writer.close()

    folder.root.mkdir(exist_ok=True)
    server = await asyncio.start_unix_server(answer, folder.socket)
    try:
        async with BotClient(folder.socket) as client:
            yield client
    finally:
        released.set()
        server.close()


_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


def _json(text: bytes) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(text) + text
    )


async def _first_event(client: BotClient) -> object:
    async with aclosing(client.events(0)) as events:
        return await anext(events)


async def test_where_no_bot_is_the_message_says_where_it_was_looked_for(tmp_path: Path) -> None:
    async with BotClient(tmp_path / "cockpit.sock") as client:
        with pytest.raises(BotUnreachable, match=f"no bot answers at {tmp_path}/cockpit.sock"):
            await client.health()
        with pytest.raises(BotUnreachable):
            await _first_event(client)


async def test_a_bot_that_hangs_up_is_unreachable_at_once(folder: BotFolder) -> None:
    async with a_peer(folder, _STREAM + b":\n") as client:
        with pytest.raises(BotUnreachable, match="ended the conversation"):
            await _first_event(client)


async def test_a_stream_without_a_sign_of_life_is_given_up(
    folder: BotFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "SILENCE_S", 0.1)
    async with a_peer(folder, _STREAM + b":\n", hangs=True) as client, asyncio.timeout(30):
        with pytest.raises(BotUnreachable, match="ReadTimeout"):
            await _first_event(client)


@pytest.mark.parametrize(
    "said",
    [
        b'id: 1\nevent: moon_landing\ndata: {"ts_ms":1,"run_id":"r","payload":{}}\n\n',
        b'id: 1\nevent: pause_set\ndata: {"ts_ms":1,"run_id":"r","payload":{"on":1}}\n\n',
        b'id: x\nevent: pause_set\ndata: {"ts_ms":1,"run_id":"r","payload":{"on":true,"by":"x"}}\n\n',
        b"id: 1\nevent: pause_set\ndata: ?\n\n",
        b"event: outage\ndata: []\n\n",
    ],
)
async def test_what_this_version_does_not_know_is_told_as_such(folder: BotFolder, said: bytes) -> None:
    async with a_peer(folder, _STREAM + said) as client:
        with pytest.raises(BotRefused, match="the bot is of another version"):
            await _first_event(client)


@pytest.mark.parametrize("said", [b"{}x", b'{"seq": "many"}'])
async def test_a_state_of_another_shape_is_told_as_such(folder: BotFolder, said: bytes) -> None:
    async with a_peer(folder, _json(said)) as client:
        with pytest.raises(BotRefused, match="the bot is of another version"):
            await client.state()


async def test_a_refusal_that_is_no_json_is_quoted(folder: BotFolder) -> None:
    said = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 7\r\n\r\ntoo busy"[:-1]
    async with a_peer(folder, said) as client:
        with pytest.raises(BotRefused, match="too bus"):
            await client.get("/health")


def test_a_client_does_not_import_what_only_the_bot_needs() -> None:
    heavy = (
        "{'fastapi', 'pydantic', 'uvicorn', 'textual', 'numba', 'numpy', 'polars', 'sqlite3', 'aiosqlite'}"
    )
    program = f"import sys, cockpit.daemon.client, cockpit.daemon.process;print(*{heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("\n", "")

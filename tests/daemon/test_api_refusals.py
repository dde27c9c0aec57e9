"""What the control API does with requests that can't be: one line that says why, and nothing else."""

import httpx
import pytest

from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient, BotRefused
from cockpit.daemon.server import ApiServer
from tests.daemon.conftest import plain_http

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _raw(
    server: ApiServer, method: str, target: str, content: bytes = b"", **headers: str
) -> httpx.Response:
    async with plain_http(server) as http:
        return await http.request(method, target, content=content, headers=headers)


async def test_the_contract_describes_every_path_with_its_refusals(played_server: ApiServer) -> None:
    contract = played_server.app.openapi()
    assert {"/health", "/state", "/events", "/stop", "/breakers/{name}/reset"} <= set(contract["paths"])
    assert "ArenaState" in contract["components"]["schemas"]
    kill = contract["paths"]["/kill"]["post"]["responses"]
    assert set(kill) == {"200", "202", "400", "401", "409", "413", "421", "422", "503"}
    assert kill["422"]["content"]["application/json"]["schema"]["$ref"].endswith("/Problem")


@pytest.mark.parametrize(
    ("method", "target", "status", "words"),
    [
        ("GET", "/nowhere", 404, "there is nothing at /nowhere"),
        ("DELETE", "/state", 405, "/state does not take DELETE"),
        ("GET", "/leaderboard?window=forever", 422, "query.window: String should match"),
        ("GET", "/orders?limit=0", 422, "query.limit: Input should be greater than or equal to 1"),
        ("GET", "/orders?run=none", 404, "has no run none"),
        ("GET", "/runs/none", 404, "has no run none"),
        ("GET", "/audit/order:0", 404, "has no order:0"),
        ("GET", "/audit/%00%0a%1b", 404, "names nothing"),
        ("GET", "/runs/" + "x" * 200, 422, "path.run_id: String should have at most 100 characters"),
        ("GET", "/events?since=-1", 422, "query.since"),
        ("GET", "/events?since=9223372036854775808", 422, "query.since"),
        ("POST", "/breakers/x/reset?scope=", 422, "query.scope"),
    ],
)
async def test_what_can_t_be_is_refused_in_one_line(
    played_server: ApiServer, method: str, target: str, status: int, words: str
) -> None:
    answer = await _raw(played_server, method, target)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert words in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"x"', b'{"flatten": "perhaps"}', b'{"by": "a\\nb"}', b'{"more": 1}', b"\xff"]
)
async def test_a_body_that_is_not_understood_does_nothing(
    played_server: ApiServer, played_bot: Bot, body: bytes
) -> None:
    answer = await _raw(played_server, "POST", "/kill", body, **{"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert list(answer.json()) == ["error"]
    assert not played_bot.state.killed


async def test_a_body_without_end_is_cut_off(played_server: ApiServer) -> None:
    answer = await _raw(played_server, "POST", "/pause", b" " * 70_000)
    assert answer.status_code == 413


async def test_an_error_nobody_foresaw_is_one_line_and_the_bot_goes_on(
    played_server: ApiServer,
    played_bot: Bot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(played_bot.state.agents["cash"].watch, "equity", None)
    answer = await _raw(played_server, "GET", "/leaderboard")
    assert answer.status_code == 500
    assert answer.json() == {"error": "the bot met an error it did not expect; its log tells more"}
    assert "GET /leaderboard failed" in caplog.text
    monkeypatch.undo()
    assert (await _raw(played_server, "GET", "/leaderboard")).status_code == 200


async def test_a_journal_that_is_gone_is_told(played: BotClient, played_bot: Bot) -> None:
    journal = played_bot.folder.journal
    aside = journal.rename(journal.with_suffix(".aside"))
    try:
        with pytest.raises(BotRefused, match="there is no journal at") as refusal:
            await played.get("/orders")
    finally:
        aside.rename(journal)
    assert refusal.value.status == 503
    assert len(await played.get("/orders", limit=3)) == 3

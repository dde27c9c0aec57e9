"""Profiles over the control API: made, read, changed, removed, and refused in one line."""

import os
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from cockpit.daemon.bot import Bot
from cockpit.daemon.client import BotClient, BotRefused
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.profile_changes import RemoveProfile, SaveProfile
from cockpit.daemon.profile_requests import ask_for_change
from cockpit.daemon.server import ApiServer
from cockpit.domain.events import AiProfileSaved, TraderProfileRemoved
from cockpit.domain.profiles import ProfileKind
from cockpit.settings.profile_tree import AiProfileFields, TraderProfileFields
from tests.daemon.conftest import STANDING_STILL, plain_http
from tests.daemon.profile_bot import EMA5, PRO, SOLO, settings_of

PRO_LINE: dict[str, Any] = {
    "name": "pro",
    "provider": "deepseek",
    "model": "deepseek/deepseek-chat",
    "role": "decide",
    "tier": "powerful",
    "mode": None,
    "budget_total": 2.5,
    "budget_per_day": None,
}
PRO_FIELDS = {name: value for name, value in PRO_LINE.items() if name != "provider"}
SOLO_FIELDS: dict[str, Any] = {"name": "solo", "kind": "llm", "minds": ["pro"]}
SOLO_LINE = SOLO_FIELDS | {"strategy": None, "timeframe": None, "competes": True, "note": ""}


@pytest.fixture
def folder(tmp_path) -> BotFolder:
    return BotFolder(tmp_path / "arena")


@pytest_asyncio.fixture
async def bot(folder, monkeypatch) -> AsyncIterator[Bot]:
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    bot = await Bot.open(folder, settings_of(STANDING_STILL), new=True, run_id="run-1", wall_ms=1)
    yield bot
    await bot.close("the test is over")


@pytest_asyncio.fixture
async def server(bot) -> AsyncIterator[ApiServer]:
    async with ApiServer(bot) as server:
        yield server


@pytest_asyncio.fixture
async def http(server) -> AsyncIterator[httpx.AsyncClient]:
    async with plain_http(server) as http:
        yield http


async def test_profiles_are_made_read_changed_and_removed(http):
    made = await http.post("/profiles/ai", json=PRO_FIELDS | {"by": "alice"})
    assert made.status_code == 201
    assert made.json()["done"]
    assert made.json()["message"] == "the AI profile pro is added"
    assert (await http.post("/profiles/traders", json=SOLO_FIELDS)).status_code == 201
    assert (await http.get("/profiles/ai")).json() == [PRO_LINE]
    assert (await http.get("/profiles/ai/pro")).json() == PRO_LINE
    assert (await http.get("/profiles/traders")).json() == [SOLO_LINE]
    assert (await http.get("/profiles/traders/solo")).json() == SOLO_LINE
    changed = await http.put("/profiles/traders/solo", json=SOLO_FIELDS | {"competes": False, "note": "hm"})
    assert changed.status_code == 200
    assert (await http.get("/profiles/traders/solo")).json() == SOLO_LINE | {"competes": False, "note": "hm"}
    assert (await http.delete("/profiles/traders/solo?by=alice")).status_code == 200
    assert (await http.delete("/profiles/ai/pro")).status_code == 200
    everything = (await http.get("/profiles")).json()
    assert everything == {"ai": [], "traders": [], "missing_keys": {}, "problems": {}}


async def test_what_keeps_a_profile_from_competing_is_told_beside_them(http, monkeypatch):
    await http.post("/profiles/ai", json=PRO_FIELDS)
    await http.post("/profiles/traders", json=SOLO_FIELDS)
    told = (await http.get("/profiles")).json()
    assert (told["ai"], told["traders"]) == ([PRO_LINE], [SOLO_LINE])
    assert told["missing_keys"] == {"pro": "set DEEPSEEK_API_KEY"}
    monkeypatch.setitem(os.environ, "DEEPSEEK_API_KEY", "planted-0123456789")
    assert (await http.get("/profiles")).json()["missing_keys"] == {}


async def test_the_journal_says_who_changed_what(http, bot):
    await http.post("/profiles/ai", json=PRO_FIELDS | {"by": "alice"})
    await http.post("/profiles/traders", json=SOLO_FIELDS)
    await http.delete("/profiles/traders/solo", params={"by": "bob"})
    events = [each.event for each in bot.journal.events()][-3:]
    assert [each.by for each in events] == ["alice", "a person", "bob"]
    assert [type(events[0]), type(events[2])] == [AiProfileSaved, TraderProfileRemoved]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "/profiles/ai", PRO_FIELDS, 409, "the AI profile pro is there already"),
        ("POST", "/profiles/traders", SOLO_FIELDS, 409, "the trader profile solo is there already"),
        ("DELETE", "/profiles/ai/pro", None, 409, "still used by solo"),
        ("PUT", "/profiles/ai/pro", PRO_FIELDS | {"role": "bull"}, 409, "solo could not go on with it"),
        ("GET", "/profiles/ai/ghost", None, 404, "there is no AI profile ghost"),
        ("GET", "/profiles/traders/ghost", None, 404, "there is no trader profile ghost"),
        ("PUT", "/profiles/ai/ghost", PRO_FIELDS | {"name": "ghost"}, 404, "there is no AI profile ghost"),
        ("DELETE", "/profiles/traders/ghost", None, 404, "there is no trader profile ghost"),
        ("PUT", "/profiles/ai/pro", PRO_FIELDS | {"name": "other"}, 422, "keeps its name: pro, not other"),
        ("POST", "/profiles/ai", {"name": "x"}, 422, "model: Field required"),
        ("POST", "/profiles/ai", PRO_FIELDS | {"model": "gpt"}, 422, "model: give litellm's name with its"),
        ("POST", "/profiles/ai", PRO_FIELDS | {"key": "sk"}, 422, "key: Extra inputs are not permitted"),
        (
            "POST",
            "/profiles/ai",
            PRO_FIELDS | {"tier": "cheap", "mode": "cheap_first"},
            422,
            "mode: cheap_first is how a powerful model is called upon: give tier powerful, or no mode",
        ),
        (
            "POST",
            "/profiles/traders",
            SOLO_FIELDS | {"name": "new", "minds": ["ghost"]},
            422,
            "there is no AI profile ghost; there are: pro",
        ),
        ("GET", "/profiles/ai/NO", None, 422, "path.name: String should match"),
        ("DELETE", "/profiles/ai/pro?by=", None, 422, "query.by"),
        ("PATCH", "/profiles/ai/pro", {}, 405, "does not take PATCH"),
    ],
)
async def test_what_can_t_be_is_refused_in_one_line_and_nothing_changes(
    http, method, path, body, status, words
):
    await http.post("/profiles/ai", json=PRO_FIELDS)
    await http.post("/profiles/traders", json=SOLO_FIELDS)
    before = (await http.get("/profiles")).json()
    answer = await http.request(method, path, json=body)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert words in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert (await http.get("/profiles")).json() == before


async def test_a_line_gives_back_the_fields_it_was_made_of(http):
    await http.post("/profiles/ai", json=PRO_FIELDS)
    await http.post("/profiles/traders", json=SOLO_FIELDS)
    ai, trader = (
        (await http.get("/profiles/ai/pro")).json(),
        (await http.get("/profiles/traders/solo")).json(),
    )
    del ai["provider"]
    assert AiProfileFields(**ai).model_dump(mode="json") == ai
    assert TraderProfileFields(**trader).model_dump(mode="json") == trader


async def test_the_client_asks_for_every_kind_of_change(server):
    async with BotClient(server.folder.socket) as client:
        for profile in (PRO, SOLO, EMA5):
            answer = await ask_for_change(client, SaveProfile(profile=profile, is_new=True), "alice")
            assert answer["done"]
        await ask_for_change(client, RemoveProfile(kind=ProfileKind.TRADER, name="solo"), "alice")
        with pytest.raises(BotRefused, match="there is no trader profile solo") as refused:
            await ask_for_change(client, SaveProfile(profile=SOLO, is_new=False), "alice")
        assert refused.value.status == 404
        found = await client.get("/profiles")
    assert [each["name"] for each in found["ai"] + found["traders"]] == ["pro", "ema5"]

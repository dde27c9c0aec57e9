"""What an agent would be asked now: exactly what its model is asked in the next round, read off the files."""

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from cockpit.agents.models.model_call import ModelRequest
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.newest_state import newest_state
from cockpit.daemon.prompt_now import NotAsked, prompt_document, prompt_lines, prompt_now
from cockpit.daemon.remembered_settings import remember_settings
from cockpit.domain.events import ModelCalled, RoundOpened
from cockpit.journal.codec import decode_state
from cockpit.journal.errors import JournalCorrupt
from cockpit.journal.reading import read_events
from cockpit.journal.snapshot import decode_snapshot
from cockpit.settings.resolve import resolve
from tests.arena.mind_bot import BUY, flags, mind, played, said
from tests.servers.model_server import ModelServer, Scripted

ROUNDS = 6


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    """The folder of a bot that has bought, and what it was run with."""
    path = tmp_path_factory.mktemp("prompt") / "arena"

    async def play():
        async with ModelServer() as server:
            server.script(Scripted(text=said(BTC=BUY)), Scripted(text=said(SHIB=BUY)), model="fox")
            given = flags(server, [mind("fox"), mind("owl")], rounds=ROUNDS)
            await played(path, given)
            return given

    given = asyncio.run(play())
    remember_settings(path / "settings.json", settings_of(given))
    return path, given


def settings_of(given):
    return resolve(environment={}, flags=given).settings


def other(path, tmp_path):
    """A copy, of which nothing is known to any process."""
    return Path(shutil.copytree(path, tmp_path / "arena"))


def before_its_last_round(path):
    """Takes back what happened since the last round was opened."""
    opened = [
        each.seq for each in read_events(path / "journal.sqlite") if isinstance(each.event, RoundOpened)
    ]
    with closing(sqlite3.connect(path / "journal.sqlite")) as connection, connection:
        connection.execute("DELETE FROM events WHERE seq >= ?", (opened[-1],))
    (path / "state.json").unlink()


def test_it_is_what_the_model_is_asked_in_the_round_that_is_held_then(past, tmp_path):
    path, given = past
    asked = {
        each.event.agent: msgspec.json.decode(each.event.call.request, type=ModelRequest).messages
        for each in read_events(path / "journal.sqlite")
        if isinstance(each.event, ModelCalled) and each.event.round == ROUNDS
    }
    copy = other(path, tmp_path)
    before_its_last_round(copy)
    for name in ("fox", "owl"):
        found = prompt_now(BotFolder(copy), settings_of(given), name)
        assert found.prompts == {"decide": asked[name]}
        assert (found.round, found.run_id) == (ROUNDS, "arena")
    told = prompt_now(BotFolder(copy), settings_of(given), "fox").prompts["decide"][1].content
    assert "Open positions:\n\nBTC\n  quantity: 0.02" in told
    assert "it is no coin traded here (BTC)" in told


def test_without_a_run_it_is_the_first_view_of_a_new_one(past, tmp_path):
    _, given = past
    found = prompt_now(BotFolder(tmp_path / "nobody"), settings_of(given), "fox")
    assert (found.round, found.run_id) == (1, "")
    told = found.prompts["decide"][1].content
    assert told.startswith("It is 0 minutes since the run began. The time is 2025-01-01T00:00:00Z")
    assert "Open positions: none" in told
    assert "mark_price = n/a" not in told
    assert not (tmp_path / "nobody").exists()


def test_a_snapshot_saves_reading_the_journal_and_changes_nothing_else(past, tmp_path):
    path, given = past
    copy = other(path, tmp_path)
    snapshot = decode_snapshot((copy / "state.json").read_bytes())
    assert newest_state(BotFolder(copy)) == decode_state(snapshot.state)
    with_it = prompt_now(BotFolder(copy), settings_of(given), "fox")
    (copy / "state.json").write_bytes(b"{broken")
    assert prompt_now(BotFolder(copy), settings_of(given), "fox") == with_it
    assert (copy / "state.json").read_bytes() == b"{broken"


def test_nothing_is_written(past, tmp_path):
    path, given = past
    copy = other(path, tmp_path)
    before = contents(copy)
    prompt_now(BotFolder(copy), settings_of(given), "fox")
    assert contents(copy) == before


def contents(path):
    shared = {".sqlite-shm", ".sqlite-wal"}
    return {
        each: each.read_bytes() for each in path.rglob("*") if each.is_file() and each.suffix not in shared
    }


def test_a_run_is_told_of_under_the_settings_it_was_run_with(past, tmp_path):
    path, given = past
    changed = given | {"market": {"symbols": ["ETH"], "speed": "max"}}
    found = prompt_now(BotFolder(path), settings_of(changed), "fox")
    assert (found.run_id, found.round) == ("arena", ROUNDS + 1)
    forgetful = other(path, tmp_path)
    (forgetful / "settings.json").unlink()
    found = prompt_now(BotFolder(forgetful), settings_of(changed), "fox")
    assert (found.run_id, found.round) == ("", 1)
    assert "## ETH" in found.prompts["decide"][1].content
    assert prompt_now(BotFolder(forgetful), settings_of(given), "fox").run_id == "arena"


def test_an_agent_that_the_run_does_not_know_is_shown_the_beginning_of_a_new_one(past):
    path, given = past
    more = given | {"agents": [*given["agents"], mind("new", model="openai/fox")]}
    assert prompt_now(BotFolder(path), settings_of(more), "new").run_id == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nobody", "there is no agent nobody: `cockpit agents list` shows who competes"),
        ("buy_and_hold", "buy_and_hold asks no model: it is of kind strategy"),
    ],
)
def test_who_asks_no_model_has_no_prompt(past, name, words):
    path, given = past
    with pytest.raises(NotAsked) as refused:
        prompt_now(BotFolder(path), settings_of(given), name)
    assert (str(refused.value), refused.value.exit_code) == (words, 2)


def test_a_journal_that_is_none_is_said_to_be(past, tmp_path):
    _, given = past
    (tmp_path / "journal.sqlite").write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(JournalCorrupt):
        prompt_now(BotFolder(tmp_path), settings_of(given), "fox")


def test_people_and_programs_are_told_the_same(past):
    path, given = past
    found = prompt_now(BotFolder(path), settings_of(given), "fox")
    data = json.loads(json.dumps(prompt_document(found)))
    assert [each["role"] for each in data["prompts"]["decide"]] == ["system", "user"]
    assert (data["agent"], data["version"], data["run_id"]) == ("fox", found.version, "arena")
    lines = prompt_lines(found)
    assert lines[0].startswith("fox asks openai/fox, prompt ")
    text = "\n".join(lines)
    assert all(each["content"].rstrip("\n") in text for each in data["prompts"]["decide"])


def panel(**mind_given):
    """A tree of settings in which one agent debates."""
    mind = {"timeframes": ["1m", "3m"], "debate": {"analysts": ["bull", "bear"], "quorum": 2}} | mind_given
    agent = {"name": "panel", "kind": "debate", "model": "openai/fox", "mind": mind}
    return {"market": {"symbols": ["BTC"], "speed": "max"}, "agents": [agent, {"name": "buy_and_hold"}]}


def test_of_a_debate_it_is_what_each_analyst_would_be_asked_and_the_judge_without_them(tmp_path):
    found = prompt_now(BotFolder(tmp_path / "nobody"), settings_of(panel()), "panel")
    assert list(found.prompts) == ["bull", "bear", "shadow"]
    assert "You are the bull" in found.prompts["bull"][0].content
    assert "You are the bear" in found.prompts["bear"][0].content
    asked = {messages[1].content for messages in found.prompts.values()}
    assert len(asked) == 1, "all of them are shown the same"
    lines = prompt_lines(found)
    assert [line for line in lines if line.startswith("=== ")] == [
        f"=== {role} · {who}" for role in ("bull", "bear", "shadow") for who in ("system", "user")
    ]
    document = prompt_document(found)["prompts"]
    assert document["bear"][0] == {"role": "system", "content": found.prompts["bear"][0].content}


def test_one_role_s_prompt_can_be_asked_for_alone(tmp_path):
    folder = BotFolder(tmp_path / "nobody")
    everything = prompt_now(folder, settings_of(panel()), "panel")
    found = prompt_now(folder, settings_of(panel()), "panel", "bear")
    assert found.prompts == {"bear": everything.prompts["bear"]}
    with pytest.raises(NotAsked) as refused:
        prompt_now(folder, settings_of(panel()), "panel", "technical")
    words = "panel asks no technical before anybody has spoken: ask for bull, bear, shadow"
    assert (str(refused.value), refused.value.exit_code) == (words, 2)

"""Profiles in the journal: read at any of its places, in the read models, and of no run."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from cockpit.domain.events import AiProfileRemoved, AiProfileSaved, TraderProfileRemoved, TraderProfileSaved
from cockpit.domain.market import Micros
from cockpit.domain.profiles import AiProfile, ProfileBook, Tier, TraderKind, TraderProfile
from cockpit.domain.routing import RoutingMode
from cockpit.journal import profile_reading
from cockpit.journal.journal import Journal
from cockpit.journal.journal_end import JournalEnd, journal_end, unfinished_run
from cockpit.journal.profile_reading import read_profiles
from tests.journal.event_stream import EventStream

SAVED_MS = 1_760_000_000_000
SAID: dict[str, Any] = {"by": "alice", "wall_ms": SAVED_MS}
PRO = AiProfile(
    name="pro",
    model="openrouter/qwen/qwen3-max",
    mode=RoutingMode.CHEAP_FIRST,
    budget_total=Micros(5_000_000),
    budget_daily=Micros(250_000),
)
SMALL = AiProfile(name="small", model="deepseek/deepseek-chat", tier=Tier.CHEAP)
DUO = TraderProfile(name="duo", kind=TraderKind.LLM, minds=("pro", "small"), note="as a pair")
EMA = TraderProfile(
    name="ema", kind=TraderKind.STRATEGY, strategy="ema_cross", timeframe="15m", competes=False
)
PRO_ROW = ("pro", "openrouter", "openrouter/qwen/qwen3-max", "decide", "powerful", "cheap_first", 5.0, 0.25)
SMALL_ROW = ("small", "deepseek", "deepseek/deepseek-chat", "decide", "cheap", None, None, None)
CHANGES = (
    AiProfileSaved(profile=SMALL, **SAID),
    AiProfileSaved(profile=AiProfile(name="pro", model="x/y"), **SAID),
    AiProfileSaved(profile=PRO, **SAID),
    TraderProfileSaved(profile=DUO, **SAID),
    TraderProfileSaved(profile=EMA, **SAID),
    TraderProfileRemoved(name="duo", **SAID),
    AiProfileRemoved(name="small", **SAID),
)


def select(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_a_bot_that_never_was_has_no_profiles(tmp_path: Path) -> None:
    assert read_profiles(tmp_path / "journal.sqlite") == ProfileBook()
    assert unfinished_run(tmp_path / "journal.sqlite") is None


async def test_profiles_are_read_as_they_were_at_any_place(journal: Journal, path: Path) -> None:
    await journal.commit("", 0, CHANGES)
    assert read_profiles(path) == ProfileBook(ai={"pro": PRO}, traders={"ema": EMA})
    assert read_profiles(path, until_seq=0) == ProfileBook()
    assert read_profiles(path, until_seq=2).ai["pro"].model == "x/y"
    assert read_profiles(path, until_seq=4) == ProfileBook(
        ai={"pro": PRO, "small": SMALL}, traders={"duo": DUO}
    )


async def test_the_read_models_hold_what_is_left_with_who_saved_it_and_when(
    journal: Journal, path: Path
) -> None:
    await journal.commit("", 0, CHANGES[:-2])
    assert select(path, "SELECT * FROM ai_agent_profiles_readable ORDER BY name") == [
        (*PRO_ROW, "2025-10-09T08:53:20.000Z", "alice", 3),
        (*SMALL_ROW, "2025-10-09T08:53:20.000Z", "alice", 1),
    ]
    assert select(path, "SELECT name, kind, minds, next_run, note, seq FROM trader_profiles_readable") == [
        ("duo", "llm", '["pro","small"]', "competes", "as a pair", 4),
        ("ema", "strategy", "[]", "rests", "", 5),
    ]
    await journal.commit("", 0, CHANGES[-2:])
    tables = ("ai_agent_profiles", "trader_profiles")
    before = [select(path, f"SELECT * FROM {table}") for table in tables]
    assert [row[0][0] for row in before] == ["pro", "ema"]
    journal.rebuild()
    assert [select(path, f"SELECT * FROM {table}") for table in tables] == before


async def test_profiles_are_found_without_reading_the_rest_of_the_journal(
    journal: Journal, path: Path, stream: EventStream
) -> None:
    for ts_ms, batch in stream.batches(3):
        await journal.commit(stream.run_id, ts_ms, batch)
    ((*_, plan),) = select(
        path, "EXPLAIN QUERY PLAN " + profile_reading._PROFILE_EVENTS.replace("?", "9223372036854775807")
    )
    assert "USING INDEX events_of_profiles" in plan


async def test_a_journal_of_an_older_program_has_none(journal: Journal, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "DROP INDEX events_of_profiles; DROP TABLE ai_agent_profiles; DROP TABLE trader_profiles;"
        )
    assert read_profiles(path) == ProfileBook()


async def test_no_run_comes_of_a_profile(journal: Journal, path: Path) -> None:
    await journal.commit("", 0, CHANGES)
    assert journal_end(path) == JournalEnd(seq=len(CHANGES))
    assert journal.last_run() is None
    assert unfinished_run(path) is None
    assert select(path, "SELECT count(*) FROM competition_runs") == [(0,)]

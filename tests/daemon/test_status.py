"""What people are told of a bot that answers."""

from typing import Any

import pytest

from cockpit.daemon.status import alert_lines, health_faults, status_lines, sync_lines

BOARD: dict[str, Any] = {"rows": []}


def health(**changes: Any) -> dict[str, Any]:
    well = {
        "bot": "arena",
        "pid": 7,
        "mode": "paper",
        "run_id": "run-1",
        "market": "simulated",
        "speed": 60.0,
        "uptime_s": 5.0,
        "address": None,
        "time": "2025-01-01T00:00:00Z",
        "round": 3,
        "rounds_limit": None,
        "equity": 110_000.0,
        "quote": "USDC",
        "finished": "",
        "outage": None,
        "halted": False,
        "killed": False,
        "paused": False,
        "trading_mode": "active",
        "asked_mode": "active",
        "emergency": None,
        "unseen_alerts": 0,
        "unsynced": [],
        "last_step_age_s": 1.0,
        "market_interval_ms": 60_000,
    }
    return well | changes


STOPPED = {"stage": "halted", "attempt": 1, "by": "ann", "open_positions": 0}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "trading"),
        ({"paused": True}, "paused"),
        ({"killed": True, "paused": True}, "KILLED, orders are held; paused"),
        ({"asked_mode": "reducing"}, "REDUCING, orders may only reduce exposure"),
        ({"asked_mode": "halted"}, "HALTED, no order goes out"),
        ({"halted": True}, "HALTED by a breaker"),
        ({"outage": "disk full", "halted": True}, "HALTED, the journal is out"),
        ({"emergency": STOPPED, "killed": True}, "HALTED by an emergency stop of ann, nothing is held"),
        (
            {"emergency": STOPPED | {"open_positions": 2}, "killed": True},
            "HALTED by an emergency stop of ann, POSITIONS STILL OPEN: 2",
        ),
        (
            {"emergency": {"stage": "flattening", "attempt": 2, "by": "ann", "open_positions": 1}},
            "EMERGENCY STOP by ann: flattening, attempt 2",
        ),
        ({"finished": "all 5 rounds are played"}, "finished: all 5 rounds are played"),
    ],
)
def test_the_first_line_says_how_it_stands(changes: dict[str, Any], words: str) -> None:
    assert status_lines(health(**changes), BOARD, [])[0] == f"arena  pid 7  PAPER  {words}"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "`cockpit start` goes on with the run"),
        ({"killed": True}, "KILLED, orders are held"),
        ({"finished": "all 5 rounds are played"}, "finished: all 5 rounds are played"),
    ],
)
def test_of_a_bot_that_is_not_running_the_first_lines_say_how_it_was_left(
    changes: dict[str, Any], words: str
) -> None:
    left = {name: fact for name, fact in health(**changes).items() if name not in {"speed", "uptime_s"}}
    lines = status_lines(left | {"pid": None}, BOARD, [])
    assert lines[:2] == [f"arena  NOT RUNNING  PAPER  {words}", "run run-1  simulated"]


def held(agent: str, symbol: str, side: str) -> dict[str, Any]:
    return {"agent": agent, "symbol": f"{symbol}/USDC:USDC", "side": side}


@pytest.mark.parametrize(
    ("positions", "words"),
    [
        ([], "nothing is held"),
        ([held("ann", "BTC", "long")], "1 position is held: ann long BTC"),
        (
            [held("ann", "BTC", "long"), held("ann", "ETH", "short"), held("bob", "BTC", "short")],
            "3 positions are held: ann long BTC, short ETH; bob short BTC",
        ),
    ],
)
def test_what_is_held_is_told(positions: list[dict[str, Any]], words: str) -> None:
    assert words in status_lines(health(), BOARD, positions)


@pytest.mark.parametrize(("count", "words"), [(0, None), (1, "1 alert nobody"), (3, "3 alerts nobody")])
def test_alerts_nobody_has_seen_are_counted(count: int, words: str | None) -> None:
    told = [line for line in status_lines(health(unseen_alerts=count), BOARD, []) if "cockpit alerts" in line]
    assert [line[: len(words or "")] for line in told] == ([] if words is None else [words])


def test_an_account_out_of_sync_is_a_fault_and_a_person_s_mode_is_none() -> None:
    assert health_faults(health()) == []
    assert health_faults(health(asked_mode="halted", killed=True)) == []
    assert health_faults(health(emergency=STOPPED, killed=True)) == []
    (fault,) = health_faults(health(emergency=STOPPED | {"open_positions": 2}, killed=True))
    assert fault.startswith("the emergency stop could not close everything, positions still open: 2;")
    (fault,) = health_faults(health(unsynced=["ann", "bob"]))
    assert fault == "not in sync with the venue, see `cockpit sync`: ann, bob"


def test_alerts_are_told_with_the_number_they_are_acknowledged_by() -> None:
    alert = {"seq": 42, "time": "2025-01-01T00:00:00Z", "scope": "ann", "text": "drawdown tripped"}
    assert alert_lines([alert]) == ["     42  2025-01-01T00:00:00Z  ann: drawdown tripped"]
    assert alert_lines([]) == ["no alerts"]


def test_a_sync_says_what_differs_and_who_is_trusted_again() -> None:
    agrees = {"agent": "ann", "agrees": True, "differences": [], "unsynced": "it overfilled"}
    differs = {"agent": "bob", "agrees": False, "differences": ["cash", "BTC"], "unsynced": "it overfilled"}
    assert sync_lines({"accounts": [agrees, differs], "message": "bob differ"}) == [
        "bob: cash",
        "bob: BTC",
        "ann is trusted again; it was not: it overfilled",
        "bob differ",
    ]

"""What `cockpit status` and `cockpit health` say of a bot, from what its API answers, or its journal."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cockpit.daemon.lock import list_bots
from cockpit.domain.formats import duration, short_symbol
from cockpit.domain.ranks import rank_words

SLOW_STEP_S = 120.0
"""A market that gave no bar for so long in real time, and for two of its bars, is told as a fault."""

HELD_FACTS = ("agent", "symbol", "side", "quantity", "entry_price")
"""What `cockpit status` tells of a position: fields of `PositionLine` that need no venue to be known."""


def bots_status(state_folder: Path) -> list[dict[str, Any]]:
    """Every bot there is, with its pid if it is running."""
    return [{"bot": name, "pid": pid} for name, pid in list_bots(state_folder)]


def status_lines(
    health: Mapping[str, Any], board: Mapping[str, Any], positions: Sequence[Mapping[str, Any]]
) -> list[str]:
    """The bot at a glance.

    Args:
        health: What it says of itself; a `pid` of None stands for a bot that isn't running, of which it says
            what the run's state does.
        board: The leaderboard.
        positions: What is held: at least agent, symbol and side of each.
    """
    is_running = health["pid"] is not None
    process = f"pid {health['pid']}" if is_running else "NOT RUNNING"
    condition = _condition(health) or ("trading" if is_running else "`cockpit start` goes on with the run")
    return [
        f"{health['bot']}  {process}  {(health['mode'] or 'no run').upper()}  {condition}",
        f"run {health['run_id']}  {health['market']}{_pace(health) if is_running else ''}",
        *(_address(health) if is_running else ()),
        *_alerts(health),
        f"{health['time']}  round {health['round']}{_of_limit(health)}"
        f"  equity {health['equity']:,.2f} {health['quote']}",
        _held(positions),
        "",
        *(_standing(row) for row in board["rows"]),
    ]


def alert_lines(alerts: Sequence[Mapping[str, Any]]) -> list[str]:
    """What nobody has acknowledged yet, a line each."""
    if not alerts:
        return ["no alerts"]
    return [f"{each['seq']:>7}  {each['time']}  {each['scope']}: {each['text']}" for each in alerts]


def sync_lines(found: Mapping[str, Any]) -> list[str]:
    """What comparing the accounts with the venue's found."""
    lines = [
        f"{each['agent']}: {difference}" for each in found["accounts"] for difference in each["differences"]
    ]
    trusted = [
        f"{each['agent']} is trusted again; it was not: {each['unsynced']}"
        for each in found["accounts"]
        if each["agrees"] and each["unsynced"]
    ]
    return [*lines, *trusted, str(found["message"])]


def health_faults(health: Mapping[str, Any]) -> list[str]:
    """What is wrong with a bot that answers, one line each; nothing if all is well."""
    faults = []
    if health["outage"]:
        faults.append(f"the journal can't be written, trading is halted: {health['outage']}")
    elif health["halted"]:
        faults.append("a breaker of the arena has stopped trading: see `cockpit status`, then reset-breaker")
    emergency = health["emergency"]
    if emergency and emergency["stage"] == "halted" and emergency["open_positions"]:
        faults.append(
            f"the emergency stop could not close everything, positions still open: "
            f"{emergency['open_positions']}; see `cockpit alerts`"
        )
    if health["unsynced"]:
        faults.append(f"not in sync with the venue, see `cockpit sync`: {', '.join(health['unsynced'])}")
    age_s = health["last_step_age_s"]
    step_s = (health["market_interval_ms"] or 0) / 1000 / (health["speed"] or 1)
    is_slow = age_s is not None and age_s > max(SLOW_STEP_S, 2 * step_s)
    if is_slow and not (health["paused"] or health["finished"]):
        faults.append(f"the market has said nothing for {duration(round(age_s * 1000))}")
    return faults


def _condition(health: Mapping[str, Any]) -> str:
    mode, emergency = health["asked_mode"], health["emergency"]
    words = (
        (health["finished"], f"finished: {health['finished']}"),
        (health["outage"], "HALTED, the journal is out"),
        (emergency, _emergency(emergency)),
        (health["halted"] and not health["outage"], "HALTED by a breaker"),
        (health["killed"] and not emergency, "KILLED, orders are held"),
        (mode == "halted", "HALTED, no order goes out"),
        (mode == "reducing", "REDUCING, orders may only reduce exposure"),
        (health["paused"], "paused"),
    )
    return "; ".join(text for is_so, text in words if is_so)


def _pace(health: Mapping[str, Any]) -> str:
    speed = "as fast as it can" if health["speed"] is None else f"{health['speed']:g}×"
    return f" at {speed}  up {duration(round(health['uptime_s'] * 1000))}"


def _held(positions: Sequence[Mapping[str, Any]]) -> str:
    if not positions:
        return "nothing is held"
    by_agent: dict[str, list[str]] = {}
    for each in positions:
        by_agent.setdefault(each["agent"], []).append(f"{each['side']} {short_symbol(each['symbol'])}")
    held = "; ".join(f"{agent} {', '.join(what)}" for agent, what in by_agent.items())
    return f"{len(positions)} position{'s are' if len(positions) > 1 else ' is'} held: {held}"


def _emergency(emergency: Mapping[str, Any] | None) -> str:
    if emergency is None:
        return ""
    if emergency["stage"] == "halted":
        count = emergency["open_positions"]
        held = f"POSITIONS STILL OPEN: {count}" if count else "nothing is held"
        return f"HALTED by an emergency stop of {emergency['by']}, {held}"
    return f"EMERGENCY STOP by {emergency['by']}: {emergency['stage']}, attempt {emergency['attempt']}"


def _alerts(health: Mapping[str, Any]) -> list[str]:
    count = health["unseen_alerts"]
    words = "1 alert" if count == 1 else f"{count} alerts"
    return [f"{words} nobody has acknowledged: see `cockpit alerts`"] if count else []


def _address(health: Mapping[str, Any]) -> list[str]:
    return (
        [f"API also at {health['address']}, with the token in the bot's folder"] if health["address"] else []
    )


def _of_limit(health: Mapping[str, Any]) -> str:
    return f" of {health['rounds_limit']}" if health["rounds_limit"] else ""


def _standing(row: Mapping[str, Any]) -> str:
    earned = "n/a" if row["return_percent"] is None else f"{row['return_percent']:+.2f}%"
    benched = "  benched" if row["benched"] else ""
    trades = f"{row['trades']} trades"
    place = rank_words(row["rank"])
    grounded = f"  can't take part: {row['grounded']}" if row["grounded"] else ""
    figures = f"{earned:>8}  {row['equity']:>12,.2f}  {trades}{benched}{grounded}"
    return f"{place:>3}  {row['agent']:<20} {figures}"

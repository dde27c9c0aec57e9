"""The session file: exact, and the same bytes whenever the same run is run again."""

import json
from decimal import Decimal

import pytest

from cockpit.domain.events import (
    BotStarted,
    BotStopped,
    BreakerReset,
    BreakerTripped,
    JournalOutage,
    KillSwitchSet,
    PauseSet,
)
from cockpit.report.collector import collect_session
from cockpit.report.documents import report_document, session_document
from cockpit.report.reading import read_session
from cockpit.report.session import Session
from cockpit.report.statistics import Statistics
from cockpit.report.values import amount, encode_document, instant, statistic
from tests.report.story import START_MS, SYMBOL, Story

HOSTILE = 'he said "<script>alert(1)</script>"\x1b[31m\x9b\u202eevil\u2028\nnext [bold]line[/bold]'


def parsed(session: Session) -> dict[str, object]:
    return json.loads(encode_document(session_document(session, {})), parse_float=Decimal)


def deciding_bytes(journal) -> bytes:
    """A session file but for what stands under `wall`."""
    document = session_document(read_session(journal), {"written": "now"})
    del document["wall"]
    return encode_document(document)


# the same run is the same file


def test_the_same_seed_gives_the_same_bytes_under_another_bot_and_run_id(bench, finished) -> None:
    again = bench()
    again.run(rounds=40, bot="another")
    assert deciding_bytes(again.journal) == deciding_bytes(finished.journal)


@pytest.mark.parametrize("killed_at", [(1,), (30, 60, 90)])
def test_a_run_killed_and_taken_up_again_gives_the_bytes_of_one_never_killed(
    bench, finished, killed_at: tuple[int, ...]
) -> None:
    again = bench()
    again.run(rounds=40, killed_at=killed_at)
    document = session_document(read_session(again.journal), {})
    assert len(document["wall"]["process"]) == len(killed_at) + 2
    assert deciding_bytes(again.journal) == deciding_bytes(finished.journal)


def test_another_seed_gives_another_session(bench, finished) -> None:
    other = bench()
    other.run(rounds=40, seed=8)
    assert deciding_bytes(other.journal) != deciding_bytes(finished.journal)


def test_processes_run_and_bot_are_named_under_wall_alone(story: Story) -> None:
    story.tell(BotStopped(wall_ms=1_800_000_060_000, reason="SIGTERM"))
    story.tell(BotStarted(wall_ms=1_800_000_120_000, recovered_from="a snapshot"))
    story.tell(JournalOutage(lasted_ms=5_000, reason="disk full"))
    story.tell(PauseSet(on=True, by="nobody in particular"))
    document = parsed(collect_session(story.events))
    wall = document.pop("wall")
    assert (wall["bot"], wall["run_id"]) == ("arena", "run-1")
    assert [fact["what"] for fact in wall["process"]] == [
        "bot started",
        "bot stopped",
        "bot started",
        "journal outage",
        "paused",
    ]
    assert wall["process"][0]["time"] == "2027-01-15T08:00:00Z"
    rest = json.dumps(document, default=str)
    for word in ("run-1", "SIGTERM", "snapshot", "disk full", "particular", "2027", "0123456789abcdef"):
        assert word not in rest


# what it says


def test_fills_are_one_flat_list_with_everything_about_each(session: Session) -> None:
    fills = parsed(session)["fills"]
    assert [(fill["agent"], fill["side"]) for fill in fills] == [
        ("alice", "buy"),
        ("alice", "sell"),
        ("bob", "sell"),
        ("bob", "buy"),
    ]
    assert fills[1] == {
        "fill_id": 2,
        "order_id": 2,
        "decision_id": None,
        "agent": "alice",
        "symbol": SYMBOL,
        "time": "2025-01-01T00:03:00Z",
        "side": "sell",
        "quantity": Decimal("5.0"),
        "price": Decimal("95.0"),
        "notional": Decimal("475"),
        "fee": Decimal("0.475"),
        "slippage": Decimal("0"),
        "realized": Decimal("-25"),
        "liquidity": "taker",
        "purpose": "rebalance",
    }


def test_every_fill_and_round_of_a_real_run_is_there(finished) -> None:
    session = read_session(finished.journal)
    document = parsed(session)
    assert [fill["fill_id"] for fill in document["fills"]] == list(range(1, len(session.executions) + 1))
    assert len(document["fills"]) > 10
    assert [each["round"] for each in document["rounds"]] == list(range(1, 41))
    places = {name: place for place, name in enumerate(document["contestants"])}
    for agent in document["agents"]:
        assert agent["equity"] == document["rounds"][-1]["equities"][places[agent["name"]]]
    held = {(each["agent"], each["symbol"]) for each in document["positions"]}
    assert held == {(record.name, each.symbol) for record in session.agents for each in record.positions}


def test_cash_is_conserved_in_the_figures_of_a_real_run(finished) -> None:
    document = parsed(read_session(finished.journal))
    for each in [*document["agents"], document["arena"]]:
        unrealized = sum(
            position["unrealized"]
            for position in document["positions"]
            if each["name"] in {position["agent"], "arena"}
        )
        earned = each["realized"] - each["fees"] - each["funding"] + each["covered"]
        assert each["pnl"] == earned + unrealized
        assert each["costs"] == each["fees"] + each["slippage"] + each["funding"]


def test_trades_carry_their_costs(session: Session) -> None:
    alice, bob = parsed(session)["trades"]
    assert (alice["direction"], bob["direction"]) == ("long", "short")
    assert (alice["pnl"], bob["pnl"]) == (Decimal("-25.975"), Decimal("19.61"))
    assert (bob["realized"], bob["fees"], bob["funding"]) == (20, Decimal("0.34"), Decimal("0.05"))


def test_trades_carry_how_far_the_price_went_and_what_became_of_them(session: Session) -> None:
    alice, bob = parsed(session)["trades"]
    assert (alice["outcome"], bob["outcome"]) == ("loss", "win")
    assert (alice["lowest_price"], alice["highest_price"]) == (90, 110)
    assert (alice["adverse_excursion"], alice["favorable_excursion"]) == (Decimal("0.1"), Decimal("0.1"))
    assert float(bob["adverse_excursion"]) == pytest.approx(5 / 90)


def test_open_positions_are_pending_with_what_they_have_cost_so_far(finished) -> None:
    positions = parsed(read_session(finished.journal))["positions"]
    assert {each["outcome"] for each in positions} == {"pending"}
    assert all(each["fees"] > 0 for each in positions)


def test_what_every_fill_realized_adds_up_to_what_its_agent_did(finished) -> None:
    document = parsed(read_session(finished.journal))
    for agent in document["agents"]:
        fills = [fill for fill in document["fills"] if fill["agent"] == agent["name"]]
        for figure, of_fill in (("realized", "realized"), ("fees", "fee"), ("slippage", "slippage")):
            assert agent[figure] == sum(fill[of_fill] for fill in fills)
    assert any(fill["realized"] for fill in document["fills"])


def test_decisions_carry_their_reasoning_and_failures_their_message(session: Session) -> None:
    rose, silent, fell = parsed(session)["decisions"]
    assert (rose["agent"], rose["targets"][0]["reason"]) == ("alice", "it rises")
    assert (silent["failure"], silent["message"]) == ("timeout", "no answer within 10 s")
    assert (fell["confidence"], fell["targets"][0]["exposure"]) == (Decimal("0.25"), -1)


def test_incidents_say_what_was_measured_against_what(story: Story) -> None:
    story.tell(
        BreakerTripped(
            scope="alice", breaker="drawdown", value=0.3, limit=0.2, reason="too deep", stopped="alice"
        )
    )
    story.tell(BreakerReset(scope="alice", breaker="drawdown", by="the cool-down"))
    story.tell(KillSwitchSet(on=True, by="a person"))
    tripped, reset, killed = parsed(collect_session(story.events))["incidents"]
    assert (tripped["what"], tripped["value"], tripped["limit"]) == (
        "breaker tripped",
        Decimal("0.3"),
        Decimal("0.2"),
    )
    assert (reset["what"], reset["by"]) == ("breaker reset", "the cool-down")
    assert (killed["what"], killed["by"]) == ("kill switch on", "a person")


def test_undefined_is_null_and_zero_is_zero(session: Session) -> None:
    document = json.loads(encode_document(report_document(session, {})))
    bob = document["agents"][0]
    undefined = ("profit_factor", "sharpe", "sortino", "calmar", "cagr", "cost")
    assert [bob[name] for name in undefined] == [None] * 6
    assert (bob["denied"], bob["trips"]) == (0, 0)
    quiet = Story()
    quiet.rounds([100])
    for row in json.loads(encode_document(report_document(collect_session(quiet.events), {})))["agents"]:
        assert (row["win_rate"], row["best_trade"], row["confidence_mean"]) == (None, None, None)
        assert (row["pnl"], row["fees"], row["max_drawdown"], row["exposure"]) == (0, 0, 0, 0)


def test_a_report_has_every_figure_there_is(session: Session) -> None:
    row = report_document(session, {})["arena"]
    assert set(Statistics.__slots__) - {"confidence"} | {"confidence_mean", "confidence_counts"} == set(row)


def test_a_run_that_was_stopped_before_its_first_round_has_a_session_too() -> None:
    document = parsed(collect_session(Story().events))
    assert (document["rounds"], document["fills"], document["finished"]) == ([], [], None)
    assert document["arena"]["equity"] == 2_000


# how it is spelled


@pytest.mark.parametrize(
    ("micro_units", "text"),
    [
        (0, "0.000000"),
        (1, "0.000001"),
        (-1, "-0.000001"),
        (1_234_500_000, "1234.500000"),
        (2**53 - 1, "9007199254.740991"),
        (-(2**53 - 1), "-9007199254.740991"),
    ],
)
def test_money_is_exact_to_the_micro_unit(micro_units: int, text: str) -> None:
    assert encode_document({"money": amount(micro_units)}) == f'{{\n "money": {text}\n}}\n'.encode()


def test_statistics_keep_what_is_the_same_everywhere() -> None:
    assert statistic(0.1 + 0.2) == 0.3
    assert statistic(None) is None
    assert statistic(-60.379725357677216) == -60.3797253577


def test_times_have_milliseconds_only_where_there_are_any() -> None:
    assert instant(START_MS) == "2025-01-01T00:00:00Z"
    assert instant(START_MS + 7) == "2025-01-01T00:00:00.007Z"
    assert instant(None) is None


def test_hostile_text_is_inert(story: Story) -> None:
    story.decide("alice", 0.5, HOSTILE)
    story.fail("bob", HOSTILE)
    data = encode_document(session_document(collect_session(story.events), {})).decode()
    decided, failed = json.loads(data)["decisions"][-2:]
    for text in (decided["targets"][0]["reason"], failed["message"]):
        assert text.startswith('he said "<script>alert(1)</script>"evil  next')
    assert not [character for character in data if ord(character) < 32 and character != "\n"]
    for character in "\x1b\x9b\u202e\u2028\x7f":
        assert character not in data


def test_every_field_stands_on_its_own_line(session: Session) -> None:
    lines = encode_document(session_document(session, {})).decode().splitlines()
    assert sum('"fill_id"' in line for line in lines) == 4
    assert max(line.count('"fill_id"') for line in lines) == 1

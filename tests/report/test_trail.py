"""`cockpit audit`: one trade's whole life on a terminal of 80 columns, and as JSON."""

import json
import re
from pathlib import Path

import pytest

from cockpit.domain.orders import OrderPurpose, OrderStatus
from cockpit.journal.writer import JournalWriter
from cockpit.report.trail import read_trail, trail_document, trail_lines
from tests.journal import trade_story
from tests.journal.trade_story import TradeStory

STORIES = ("bracket", "denied_and_held", "late_fill", "liquidation", "split", "enlarged_and_flipped")


def written(folder: Path, story: TradeStory) -> Path:
    path = folder / "journal.sqlite"
    writer = JournalWriter(path)
    for ts_ms, batch in story.batches:
        writer.append("run-1", ts_ms, batch)
    writer.close()
    return path


def printed(folder: Path, story: TradeStory, ident: str) -> str:
    return "\n".join(trail_lines(read_trail(written(folder, story), ident)))


def as_json(path: Path, ident: str) -> str:
    return json.dumps(trail_document(read_trail(path, ident)), indent=2, ensure_ascii=False)


BRACKET = """\
fill:2 of run run-1: ann
  2024-10-04T12:00:00Z  decision 1 by ann in round 1, view 0000000000000001,
                          confidence 70%
                        wants BTC +50%, stop 49,000, target 52,000
                        “breakout with volume”
                        allocation: held nothing, ordered buy 0.1 BTC, to hold
                          long 0.1 BTC
                        order 1: market buy 0.1 BTC
                        order 1: risk passed it, sent
                        order 1 accepted
  2024-10-04T12:01:00Z  fill 1 of order 1: bought 0.04 BTC at 50,010 as taker,
                          fee $1.00, slippage $0.40, trade id paper-1
                        position: long 0.04 BTC at 50,010; realized $0.00
                        order 1 partially filled
                        order 2: stop (stop market), sell 0.04 BTC at 49,000,
                          guards order 1
                        order 2: risk passed it, sent
                        order 2 accepted
                        order 3: target (take profit), sell 0.04 BTC at 52,000,
                          guards order 1
                        order 3: risk passed it, sent
                        order 3 accepted
▶ 2024-10-04T12:02:00Z  fill 2 of order 1: bought 0.06 BTC at 50,020 as taker,
                          fee $1.50, slippage $0.00, trade id paper-2
                        position: long 0.1 BTC at 50,016; realized $0.00
                        order 1 filled
                        order 2 amended: size 0.04 → 0.1: follows its position
                        order 3 amended: size 0.04 → 0.1: follows its position
  2024-10-04T13:00:00Z  funding paid: $0.05 at a rate of 0.0100%
                        order 2 amended: trigger 49,000 → 50,500: follows the
                          price
  2024-10-04T13:30:00Z  order 3 triggered
                        fill 3 of order 3: sold 0.1 BTC at 52,000 as taker, fee
                          $2.60, slippage $0.00, trade id paper-3
                        position: flat; realized +$198.40, this fill +$198.40
                        order 3 filled
                        trade closed by target: long 0.1 BTC, held 1h 29m
                        entry 50,016, exit 52,000: P&L +$193.25 (realized
                          +$198.40, fees $5.10, funding $0.05)
                        furthest against it (MAE) 0.01%, its way (MFE) 4.27%,
                          between 50,010 and 52,150
                        order 2 canceled: the position it guarded has changed
  outcome               decision 1, order 1: win, +$193.25"""


def test_a_bracket_reads_from_the_decision_to_the_win_with_the_asked_fill_marked(tmp_path: Path) -> None:
    assert printed(tmp_path, trade_story.bracket(), "fill:2") == BRACKET


SPLIT = """\
                        allocation: held nothing, ordered buy 0.1 BTC, to hold
                          long 0.1 BTC
▶                       order 1: market buy 0.1 BTC, split into shares
                        order 1: risk passed it, sent
                        order 2: market buy 0.06 BTC, momentum's share of order
                          1
                        order 2 sent
                        order 2 accepted
                        order 3: market buy 0.04 BTC, reversion's share of order
                          1
                        order 3 sent
                        order 3 accepted
                        order 1 accepted
"""


def test_a_split_order_is_judged_once_and_that_is_told_before_its_shares(tmp_path: Path) -> None:
    text = printed(tmp_path, trade_story.split(), "order:1")
    assert SPLIT in text
    assert text.count("risk passed it") == 2, "the split order, and the stop that guards a share"
    assert "order 4: risk passed it, sent" in text


BARS = """\
  2024-10-04T12:03:00Z  order 2 triggered
                        fill 2 of order 2: sold 0.1 BTC at 49,000 as taker, fee
                          $2.45, slippage $0.00, trade id paper-2, executed
                          2024-10-04T12:02:00Z
                        position: flat; realized −$100.00, this fill −$100.00
                        order 2 filled
                        trade closed by stop: long 0.1 BTC, held 2m
"""


def test_what_a_bar_brought_is_told_when_the_bar_has_closed_in_the_journal_s_order(tmp_path: Path) -> None:
    story = TradeStory()
    entry = story.send(100, decision_id=story.decide(0.5))
    story.after(1).fill(entry, 50_000.0, ago_ms=60_000)
    stop = story.guard(-100, 49_000.0, OrderPurpose.STOP, parent_id=entry)
    story.after(2).move(stop, OrderStatus.TRIGGERED)
    story.fill(stop, 49_000.0, ago_ms=60_000)
    text = printed(tmp_path, story, "order:1")
    assert BARS in text
    assert "executed 2024-10-04T12:00:00Z" in " ".join(text.split())
    times = re.findall(r"^..(2024\S+)", text, re.MULTILINE)
    assert times == sorted(times)


def test_lines_for_a_screen_that_wraps_by_itself_are_not_wrapped(tmp_path: Path) -> None:
    trail = read_trail(written(tmp_path, trade_story.bracket()), "fill:2")
    lines = trail_lines(trail, width=None)
    assert len(lines) == sum(not line.startswith(" " * 25) for line in BRACKET.splitlines())
    assert [" ".join(line.split()) for line in lines] == [
        " ".join(line.split()) for line in re.sub(r"\n {25,}", " ", BRACKET).splitlines()
    ]


@pytest.mark.parametrize(
    ("story", "ident", "words"),
    [
        (
            "denied_and_held",
            "order:1",
            "order 1: risk denied it by max_leverage (4.5 against 3): leverage 4.5 above 3",
        ),
        ("denied_and_held", "order:1", "order 1: none (denied by max_leverage: leverage 4.5 above 3)"),
        ("denied_and_held", "order:2", "order 2 held: the kill switch is on"),
        ("late_fill", "order:1", "order 1: limit buy 0.1 BTC limit 49,900 gtc"),
        ("late_fill", "order:1", "order 1 pending cancel: superseded by a newer decision"),
        ("late_fill", "order:1", "order 1 still canceled: an execution that came late"),
        ("liquidation", "order:1", "LIQUIDATION of BTC at 55,000: −$50.00 left, $2,750.00 needed"),
        (
            "liquidation",
            "order:1",
            "BREAKER drawdown of ann tripped: drawdown 99% reached its limit of 20%; stopped ann",
        ),
        ("liquidation", "order:1", "$505.20 lost beyond what ann had; the venue bore it"),
        ("liquidation", "order:1", "trade closed by liquidation: short 2 BTC, held 9m"),
        ("split", "order:3", "order 1: market buy 0.1 BTC, split into shares"),
        ("split", "order:3", "order 3: market buy 0.04 BTC, reversion's share of order 1"),
        (
            "enlarged_and_flipped",
            "order:4",
            "still open short 0.03 BTC at 49,000; realized $0.00, fees $0.73",
        ),
        ("enlarged_and_flipped", "order:3", "order 3: none (it reduced a position and opened none)"),
        ("enlarged_and_flipped", "order:4", "order 4: pending"),
    ],
)
def test_what_happened_is_said_in_words_and_money(tmp_path: Path, story: str, ident: str, words: str) -> None:
    text = printed(tmp_path, getattr(trade_story, story)(), ident)
    assert words in " ".join(text.split())


def test_mean_prices_are_told_to_the_tick_and_kept_in_full_as_data(tmp_path: Path) -> None:
    """Lots at 50,000.00, 50,000.50 and 50,000.50: their mean lies between two ticks."""
    story = TradeStory()
    entry = story.send(3, decision_id=story.decide(0.1, stop=49_000.123, take_profit=52_000.456))
    for price in (50_000.0, 50_000.5, 50_000.5):
        story.fill(entry, price, lots=1)
    text = printed(tmp_path, story, "order:1")
    assert "still open long 0.003 BTC at 50,000.50;" in " ".join(text.split())
    assert "stop 49,000, target 52,000.50" in " ".join(text.split())
    story.after(3).fill(story.send(-3, reduce_only=True), 50_100.0)
    closed = tmp_path / "closed"
    assert "entry 50,000.50, exit 50,100:" in printed(closed, story, "order:1")
    document = json.loads(as_json(closed / "journal.sqlite", "order:1"))
    (trade,) = (step["facts"] for step in document["steps"] if step["what"] == "trade")
    assert trade["entry_price"] == pytest.approx(50_000 + 1 / 3, rel=1e-12)


@pytest.mark.parametrize("story", STORIES)
def test_a_trail_is_readable_at_80_columns(tmp_path: Path, story: str) -> None:
    lines = printed(tmp_path, getattr(trade_story, story)(), "order:1").splitlines()
    assert max(map(len, lines)) <= 80
    assert sum(line.startswith("▶") for line in lines) == 1


@pytest.mark.parametrize("story", STORIES)
def test_the_same_trade_gives_the_same_json_to_the_byte_before_and_after_a_rebuild(
    tmp_path: Path, story: str
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        written(folder, getattr(trade_story, story)())
    told = as_json(first / "journal.sqlite", "order:1")
    assert told == as_json(second / "journal.sqlite", "order:1")
    writer = JournalWriter(first / "journal.sqlite")
    writer.rebuild()
    writer.close()
    assert told == as_json(first / "journal.sqlite", "order:1")


def test_the_json_holds_everything_the_text_says(tmp_path: Path) -> None:
    document = json.loads(as_json(written(tmp_path, trade_story.bracket()), "fill:2"))
    assert list(document) == ["run_id", "ident", "candidates", "steps", "open_positions", "outcomes"]
    assert list(document["steps"][0]) == ["seq", "ts_ms", "what", "asked", "facts"]
    assert [step["what"] for step in document["steps"] if step["asked"]] == ["fill"]
    trade = next(step["facts"] for step in document["steps"] if step["what"] == "trade")
    assert (trade["pnl"], trade["realized"], trade["fees"], trade["funding"]) == (
        193.2482,
        198.4,
        5.1008,
        0.051,
    )
    assert (trade["lowest_price"], trade["highest_price"]) == (50_010.0, 52_150.0)
    assert trade["adverse_excursion"] == pytest.approx(6 / 50_016)
    assert document["outcomes"][0]["outcome"] == "win"


def test_words_of_an_agent_can_t_drive_the_terminal(tmp_path: Path) -> None:
    story = TradeStory()
    story.decide(0.0, reason="\x1b[2Jgone\nline two " + "very " * 60)
    text = printed(tmp_path, story, "decision:1")
    assert "\x1b" not in text
    assert "gone line two very" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_number_that_could_mean_several_things_is_asked_back(tmp_path: Path) -> None:
    text = printed(tmp_path, trade_story.bracket(), "2")
    assert text == "that could be order:2 or fill:2; say which"

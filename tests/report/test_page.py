"""The HTML report: one file, no network, nothing of others that runs."""

import json
import re
import shutil
import subprocess
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import plotly.graph_objects
import pytest
from plotly.offline import get_plotlyjs

from cockpit.domain.events import BreakerReset, BreakerTripped, KillSwitchSet
from cockpit.domain.market import MINUTE_MS
from cockpit.report.charts import MAX_POINTS, figures, thinned
from cockpit.report.collector import collect_session
from cockpit.report.page import DECISIONS_SHOWN, report_page
from cockpit.report.reading import read_session
from cockpit.report.session import Session
from tests.report.story import START_MS, Story

LIBRARY = "/* plotly.js stands here */ window.Plotly = {};"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> & \"quotes\" 'too' \u202e\x1b[31m"


class Elements(HTMLParser):
    """The elements of a page, their attributes, and the text inside scripts and everywhere else."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.scripts: list[str] = []
        self.text: list[str] = []
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self.text.append(data)


def page_of(session: Session) -> Elements:
    return Elements(report_page(session, LIBRARY, {"written": "now"}))


def hostile_story() -> Story:
    story = Story(names=(HOSTILE, "bob"))
    story.step(100)
    story.decide(HOSTILE, 0.5, HOSTILE)
    story.fail("bob", HOSTILE)
    story.trade(HOSTILE, 100, 100.0)
    story.trade(HOSTILE, -100, 101.0)
    story.round()
    return story


def test_the_page_has_charts_figures_incidents_and_reasoning(session: Session) -> None:
    page = page_of(session)
    text = " ".join(page.text)
    for word in (
        "Equity",
        "Drawdown",
        "Trades",
        "Profit",
        "Sharpe",
        "it rises",
        "no answer within 10 s",
        "n/a",
    ):
        assert word in text
    assert [value for name, value in page.attributes if name == "id"] == ["equity", "drawdown", "trades"]
    assert "−$25.98" in text
    assert "Nothing tripped." in text


def test_the_page_says_what_tripped_and_who_did_what_about_it(story: Story) -> None:
    story.tell(
        BreakerTripped(
            scope="alice", breaker="drawdown", value=0.3, limit=0.2, reason="30 % is over", stopped="alice"
        )
    )
    story.tell(BreakerReset(scope="alice", breaker="drawdown", by="the cool-down"))
    story.tell(KillSwitchSet(on=True, by="<b>a person</b>"))
    text = "".join(page_of(collect_session(story.events)).text)
    assert "alice: drawdown tripped" in text
    assert "30 % is over; stopped alice" in text
    assert "alice: drawdown reset" in text
    assert "by the cool-down" in text
    assert "kill switch on" in text
    assert "by <b>a person</b>" in text


def test_the_page_asks_nothing_of_any_network(session: Session) -> None:
    page = page_of(session)
    assert not {"link", "img", "iframe", "object", "base", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name in {"src", "href", "action"}]
    (policy,) = [value for name, value in page.attributes if name == "content" and "default-src" in value]
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_only_the_two_scripts_that_the_policy_names_may_run(session: Session) -> None:
    page = page_of(session)
    (policy,) = [value for name, value in page.attributes if name == "content" and "default-src" in value]
    digests = [b64encode(sha256(script.encode()).digest()).decode() for script in page.scripts]
    assert len(digests) == 2
    assert re.findall(r"'sha256-([^']+)'", policy) == digests
    assert "script-src 'sha256-" in policy
    assert "unsafe" not in policy.partition("style-src")[0]


def test_hostile_text_is_only_ever_text() -> None:
    page = page_of(collect_session(hostile_story().events))
    assert page.tags.count("script") == 2
    assert "img" not in page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    shown = "".join(page.text)
    assert shown.count("<img src=x onerror=alert(2)>") > 5  # as words, in every table
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "<" not in page.scripts[1]  # its data are spelled so that they can't end the script


def test_charts_take_names_for_text_too() -> None:
    charts = figures(collect_session(hostile_story().events))
    texts = [trace["name"] for chart in charts.values() for trace in chart["data"]]
    texts += [text for trace in charts["trades"]["data"] for text in trace["text"]]
    assert len(texts) == 6  # who never traded has no place among the trades
    assert not [text for text in texts if "<" in text]


def test_the_data_of_the_charts_are_json_again(session: Session) -> None:
    script = page_of(session).scripts[1]
    (data,) = re.findall(r"const figures = (.*);\n", script)
    assert json.loads(data) == json.loads(json.dumps(figures(session)))


def test_charts_are_what_plotly_takes_and_show_what_was_earned(session: Session) -> None:
    charts = figures(session)
    for chart in charts.values():
        assert plotly.graph_objects.Figure(chart).to_dict()["data"]
    alice, bob = charts["equity"]["data"]
    assert alice["x"] == [START_MS + minute * MINUTE_MS for minute in (1, 2, 3, 4, 5)]
    assert alice["y"] == [0, 4.95, -5.05, -2.5975, -2.5975]
    alice_down, bob_down = charts["drawdown"]["data"]
    assert (
        alice_down["y"]
        == [0, 0, round((949.5 / 1049.5 - 1) * 100, 4)] + [round((974.025 / 1049.5 - 1) * 100, 4)] * 2
    )
    assert bob_down["y"] == [0, 0, 0, -1.018, 0]
    closed = [trace["y"] for trace in charts["trades"]["data"]]
    assert closed == [[-25.975], [19.61]]
    assert bob["name"] == "bob"


@pytest.mark.parametrize("count", [0, 1, MAX_POINTS, MAX_POINTS + 1, 123_456])
def test_long_curves_are_thinned_and_keep_their_end(count: int) -> None:
    shown = thinned(count)
    assert len(shown) <= MAX_POINTS
    assert len(shown) >= min(count, MAX_POINTS // 2)
    assert not count or shown[-1] == count - 1


def test_a_long_decision_log_is_bounded_to_the_newest() -> None:
    story = Story()
    story.step(100)
    for number in range(DECISIONS_SHOWN + 50):
        story.decide("alice", 0.5, f"reason-{number};")
    text = "".join(page_of(collect_session(story.events)).text)
    shown = re.findall(r"reason-(\d+);", text)
    assert [int(number) for number in shown] == list(range(DECISIONS_SHOWN + 49, 49, -1))


def test_a_session_without_rounds_has_a_page_too(session: Session) -> None:
    assert "0 rounds" in "".join(page_of(collect_session(Story().events)).text)
    assert page_of(replace(session, run=replace(session.run, bot="<b>"))).tags.count("b") == 0


def test_the_scripts_of_a_real_page_parse(finished, tmp_path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node here to read JavaScript with")
    library = get_plotlyjs()
    page = report_page(read_session(finished.journal), library, {})
    assert f"<script>{library}</script>" in page
    drawing = tmp_path / "drawing.js"
    drawing.write_text(page.rpartition("<script>")[2].partition("</script>")[0], encoding="utf-8")
    subprocess.run([node, "--check", str(drawing)], check=True, timeout=30)

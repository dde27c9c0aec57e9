"""The HTML report: one file that needs nothing else, and asks nothing of any network.

Text from models is hostile: all of it is escaped, and the page's policy lets no script run but the two
whose digests it names.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from html import escape
from typing import TypeVar

from cockpit.domain.decisions import Target
from cockpit.domain.events import DecisionMade
from cockpit.domain.formats import NOT_AVAILABLE, duration, percent, price, ratio, time_of
from cockpit.domain.plain_text import plain_text
from cockpit.report.charts import CALIBRATION, figures
from cockpit.report.columns import SECTIONS, Column, Named
from cockpit.report.incidents import incident_words
from cockpit.report.model_columns import (
    ANSWERS,
    ANSWERS_TITLE,
    CALIBRATION_HEADINGS,
    CALIBRATION_TITLE,
    CALLS,
    CALLS_TITLE,
    NET,
    NET_TITLE,
    calibration_lines,
)
from cockpit.report.model_statistics import ModelReport, model_report
from cockpit.report.session import Answer, Incident, Session
from cockpit.report.statistics import arena_statistics, ranked
from cockpit.report.values import encode

DECISIONS_SHOWN = 300
"""The newest."""

RowT = TypeVar("RowT", bound=Named)

_DRAW = """
const figures = %s;
for (const [id, figure] of Object.entries(figures)) {
  Plotly.newPlot(id, figure.data, figure.layout, {responsive: true, displaylogo: false});
}
"""

_STYLE = """
:root { color-scheme: light dark; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: 0.2rem 0.6rem; text-align: right; border-bottom: 1px solid rgba(128, 128, 128, 0.25); }
.text { text-align: left; overflow-wrap: anywhere; white-space: pre-wrap; }
tr.arena td { font-weight: 600; } .up { color: #1a8a4a; } .down { color: #d0402b; }
.wide { overflow-x: auto; } footer, .note { color: #888; }
"""


def report_page(session: Session, plotly_js: str, wall: Mapping[str, object]) -> str:
    """The whole page.

    Args:
        session: What to tell.
        plotly_js: The text of plotly.js, which goes into the page.
        wall: What the footer says of where and when, such as when the page was written.
    """
    library = plotly_js.replace("\r\n", "\n").replace("\r", "\n")
    drawing = _DRAW % _in_script(encode(figures(session)).decode())
    title = f"cockpit: {plain_text(session.run.bot)}, {time_of(session.from_ms)} to {time_of(session.to_ms)}"
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(library, drawing)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
            *_body(session, wall),
            f"<script>{library}</script>",
            f"<script>{drawing}</script>",
            "</body>",
            "</html>",
            "",
        )
    )


def _policy(*scripts: str) -> str:
    """Only these scripts run, and nothing is fetched. Source: W3C, Content Security Policy Level 3."""
    digests = (b64encode(sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:"


def _in_script(json: str) -> str:
    """JSON that can't end the script element it stands in."""
    for character in "<>&\u2028\u2029":
        json = json.replace(character, f"\\u{ord(character):04x}")
    return json


def _body(session: Session, wall: Mapping[str, object]) -> Iterable[str]:
    run = session.run
    length = duration(session.to_ms - session.from_ms)
    yield f"<h1>{_words(run.bot)}: {_words(run.market)} market, {_words(run.mode.upper())}</h1>"
    yield f"<p>{time_of(session.from_ms)} to {time_of(session.to_ms)} ({length}), "
    yield f"{len(session.rounds)} rounds, {_words(session.finished or 'not finished')}. "
    yield f"Venue {_words(run.venue)}, seed {run.seed}.</p>"
    yield from _chart("equity", "Equity")
    yield from _chart("drawdown", "Drawdown")
    yield from _chart("trades", "Trades")
    rows, arena = ranked(session), arena_statistics(session)
    for title, columns in SECTIONS:
        yield f"<h2>{escape(title)}</h2>"
        yield from _figures(columns, rows, arena)
    yield from _models(model_report(session))
    yield from _incidents(session.incidents)
    yield from _decisions(session.answers)
    told = {"run": session.run_id, "settings": run.settings_digest, **wall}
    yield f"<footer>{' · '.join(f'{_words(name)} {_words(str(told[name]))}' for name in told)}</footer>"


def _chart(element_id: str, title: str) -> Iterable[str]:
    yield f'<h2>{escape(title)}</h2><div id="{element_id}"></div>'


def _models(report: ModelReport | None) -> Iterable[str]:
    """What models cost and did; nothing where no agent asks them."""
    if report is None:
        return
    yield f"<h2>{escape(NET_TITLE)}</h2>"
    yield from _figures(NET, report.agents, report.arena)
    for title, columns in ((CALLS_TITLE, CALLS), (ANSWERS_TITLE, ANSWERS)):
        yield f"<h2>{escape(title)}</h2>"
        yield from _figures(columns, report.asking, report.together)
    lines = calibration_lines(report.asking)
    if lines:
        yield from _chart(CALIBRATION, CALIBRATION_TITLE)
        yield from _texts(CALIBRATION_HEADINGS, lines)


def _figures(columns: Sequence[Column[RowT]], rows: Sequence[RowT], arena: RowT) -> Iterable[str]:
    yield '<div class="wide"><table><thead><tr>'
    for column in columns:
        yield f"<th{_class_text(column)}>{escape(column.heading)}</th>"
    yield "</tr></thead><tbody>"
    for row in [*rows, arena]:
        yield '<tr class="arena">' if row is arena else "<tr>"
        yield from (_figure(column, row) for column in columns)
        yield "</tr>"
    yield "</tbody></table></div>"


def _class_text(column: Column[RowT]) -> str:
    return ' class="text"' if column.is_text else ""


def _figure(column: Column[RowT], row: RowT) -> str:
    value = column.signed(row) if column.signed else None
    sign = ' class="up"' if value and value > 0 else ' class="down"' if value else ""
    return f"<td{sign or _class_text(column)}>{escape(column.text(row))}</td>"


def _texts(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> Iterable[str]:
    yield '<div class="wide"><table><thead><tr>'
    yield from (f'<th class="text">{escape(heading)}</th>' for heading in headings)
    yield "</tr></thead><tbody>"
    for line in lines:
        yield "<tr>" + "".join(f'<td class="text">{_words(cell)}</td>' for cell in line) + "</tr>"
    yield "</tbody></table></div>"


def _incidents(incidents: Sequence[Incident]) -> Iterable[str]:
    yield "<h2>What kept agents from trading</h2>"
    if not incidents:
        yield '<p class="note">Nothing tripped.</p>'
        return
    yield from _texts(
        ("time", "what", "why"), ((time_of(each.ts_ms), *incident_words(each)) for each in incidents)
    )


def _decisions(answers: Sequence[Answer]) -> Iterable[str]:
    yield "<h2>Decisions</h2>"
    yield f'<p class="note">The newest {DECISIONS_SHOWN} that changed something, newest first.</p>'
    newest = reversed(answers[-DECISIONS_SHOWN:])
    yield from _texts(
        ("time", "round", "agent", "confidence", "decision and reasoning"), map(_answer, newest)
    )


def _answer(answer: Answer) -> Sequence[str]:
    event = answer.event
    if isinstance(event, DecisionMade):
        confidence, words = ratio(event.confidence), "\n".join(map(_target, event.targets))
    else:
        confidence, words = NOT_AVAILABLE, f"failed ({event.failure}): {event.message}"
    return time_of(answer.ts_ms), str(event.round), event.agent, confidence, words


def _target(target: Target) -> str:
    stop = f", stop {price(target.stop)}" if target.stop is not None else ""
    take_profit = f", target {price(target.take_profit)}" if target.take_profit is not None else ""
    exposure = percent(target.exposure, signed=True, decimals=0)
    return f"{target.symbol} {exposure}{stop}{take_profit}: {target.reason}"


def _words(text: str) -> str:
    """Text of others: harmless, line by line."""
    return "<br>".join(escape(plain_text(line)) for line in text.split("\n"))

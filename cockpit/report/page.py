"""The HTML report: one file that needs nothing else, and asks nothing of any network.

Text from models is hostile: all of it is escaped, and the page's policy lets no script run but the two
whose digests it names.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from html import escape

from cockpit.domain.decisions import Target
from cockpit.domain.events import DecisionMade
from cockpit.domain.formats import NOT_AVAILABLE, duration, money, price, ratio, size_words, time_of
from cockpit.domain.plain_text import plain_text
from cockpit.report.charts import figures
from cockpit.report.incidents import incident_words
from cockpit.report.outcome_notes import OutcomeLink
from cockpit.report.sections import Cell, Section, sections
from cockpit.report.session import Answer, Incident, Session
from cockpit.report.values import encode

DECISIONS_SHOWN = 300
"""The newest."""

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
    for shown in sections(session):
        yield from _section(shown)
    yield from _incidents(session.incidents)
    yield from _decisions(session)
    told = {"run": session.run_id, "settings": run.settings_digest, **wall}
    yield f"<footer>{' · '.join(f'{_words(name)} {_words(str(told[name]))}' for name in told)}</footer>"


def _chart(element_id: str, title: str) -> Iterable[str]:
    yield f'<h2>{escape(title)}</h2><div id="{element_id}"></div>'


def _section(shown: Section) -> Iterable[str]:
    yield f"<h2>{escape(shown.title)}</h2>"
    if shown.chart:
        yield f'<div id="{shown.chart}"></div>'
    texts = [heading.is_text for heading in shown.headings]
    yield '<div class="wide"><table><thead><tr>'
    for heading in shown.headings:
        yield f"<th{_class_text(heading.is_text)}>{escape(heading.words)}</th>"
    yield "</tr></thead><tbody>"
    for line in shown.lines:
        yield f"<tr>{_cells(line, texts)}</tr>"
    if shown.total is not None:
        yield f'<tr class="arena">{_cells(shown.total, texts)}</tr>'
    yield "</tbody></table></div>"


def _class_text(is_text: bool) -> str:
    return ' class="text"' if is_text else ""


def _cells(line: Iterable[Cell], texts: Iterable[bool]) -> str:
    return "".join(_cell(cell, is_text) for cell, is_text in zip(line, texts, strict=True))


def _cell(cell: Cell, is_text: bool) -> str:
    value = cell.signed
    sign = ' class="up"' if value and value > 0 else ' class="down"' if value else ""
    return f"<td{sign or _class_text(is_text)}>{escape(cell.text)}</td>"


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


def _decisions(session: Session) -> Iterable[str]:
    yield "<h2>Decisions</h2>"
    yield f'<p class="note">The newest {DECISIONS_SHOWN} that changed something, newest first.</p>'
    newest = reversed(session.answers[-DECISIONS_SHOWN:])
    yield from _texts(
        ("time", "round", "agent", "confidence", "decision and reasoning", "what became of it"),
        (_answer(each, session.links_of(each)) for each in newest),
    )


def _answer(answer: Answer, links: Iterable[OutcomeLink]) -> Sequence[str]:
    event = answer.event
    if isinstance(event, DecisionMade):
        confidence, words = ratio(event.confidence), "\n".join(map(_target, event.targets))
    else:
        confidence, words = NOT_AVAILABLE, f"failed ({event.failure}): {event.message}"
    became = "\n".join(map(_became, links))
    return time_of(answer.ts_ms), str(event.round), event.agent, confidence, words, became


def _became(link: OutcomeLink) -> str:
    why = f": {link.reason}" if link.reason else ""
    brought = f" {money(link.pnl, signed=True)}" if link.pnl is not None else ""
    return f"order {link.order_id} {link.symbol}, {len(link.fill_ids)} fills: {link.outcome}{brought}{why}"


def _target(target: Target) -> str:
    stop = f", stop {price(target.stop)}" if target.stop is not None else ""
    take_profit = f", target {price(target.take_profit)}" if target.take_profit is not None else ""
    size = size_words(target.exposure, target.quantity)
    return f"{target.symbol} {size}{stop}{take_profit}: {target.reason}"


def _words(text: str) -> str:
    """Text of others: harmless, line by line."""
    return "<br>".join(escape(plain_text(line)) for line in text.split("\n"))

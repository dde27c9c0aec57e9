"""The figures of the HTML report, as plotly.js takes them: plain objects, no text of others unescaped.

plotly.js reads a little HTML in names and hover texts, so what comes from outside is escaped here.
"""

from collections.abc import Sequence
from html import escape
from itertools import accumulate
from math import log10

from cockpit.domain.accounts import Trade
from cockpit.domain.formats import percent, price
from cockpit.domain.market import MICROS_PER_UNIT, Lots
from cockpit.domain.plain_text import plain_text
from cockpit.report.models.statistics import ModelReport, ModelRow, model_report
from cockpit.report.session import Record, Session
from cockpit.report.values import Document, statistic

CALIBRATION = "calibration"
"""The element of that chart, which not every page has."""

MAX_POINTS = 1_000
"""Of one curve; more can't be told apart on a screen."""

MAX_TRADES = 5_000
"""In the trade chart, the newest."""

_COLOURS = (
    "#4c78a8",
    "#f58518",
    "#54a24b",
    "#e45756",
    "#72b7b2",
    "#b79a20",
    "#b279a2",
    "#ff9da6",
    "#9d755d",
    "#8a8a8a",
    "#2f9e8f",
    "#d67195",
)
_DASHES = ("solid", "dash", "dot", "dashdot")
_GRID = {"gridcolor": "rgba(128,128,128,0.2)", "zerolinecolor": "rgba(128,128,128,0.5)"}


def figures(session: Session) -> Document:
    """All charts of a session, by the id of the element they go into.

    That of calibration is only there where a model's confidence can be held against an outcome.
    """
    drawn: Document = {
        "equity": equity_figure(session),
        "drawdown": drawdown_figure(session),
        "trades": trades_figure(session),
    }
    report = model_report(session)
    if report is not None and report.together.figures.brier is not None:
        drawn[CALIBRATION] = calibration_figure(session, report)
    return drawn


def equity_figure(session: Session) -> Document:
    """The equity of every agent at the end of each round, as return on its capital in percent."""
    return _figure(
        [
            _curve(session, place, record, [_return_percent(record, equity) for equity in record.equities])
            for place, record in enumerate(session.agents)
        ],
        "return, %",
    )


def drawdown_figure(session: Session) -> Document:
    """How far every agent's equity stood below its peak at the end of each round, in percent."""
    return _figure(
        [
            _curve(session, place, record, _drawdowns_percent(record))
            for place, record in enumerate(session.agents)
        ],
        "drawdown, %",
    )


def trades_figure(session: Session) -> Document:
    """Every round trip: when it was closed, and its P&L."""
    newest = session.arena.trades[-MAX_TRADES:]
    by_agent = (
        (record.name, [each for each in newest if each.agent == record.name]) for record in session.agents
    )
    return _figure(
        [_dots(session, place, name, trades) for place, (name, trades) in enumerate(by_agent) if trades],
        f"P&L, {session.run.quote}",
    )


def calibration_figure(session: Session, report: ModelReport) -> Document:
    """For every agent that asks models: stated confidence against the round trips that won, in percent.

    Who is well calibrated stays on the diagonal; the larger a dot, the more round trips it stands for.
    """
    places = {record.name: place for place, record in enumerate(session.agents)}
    traces = [_calibration(row, places[row.name]) for row in report.asking if row.figures.brier is not None]
    diagonal: Document = {
        "type": "scatter",
        "mode": "lines",
        "name": "as stated",
        "line": {"color": "#888888", "dash": "dot", "width": 1},
        "x": [0, 100],
        "y": [0, 100],
    }
    x_title = {"text": "stated confidence, %"}
    x_axis: Document = {"type": "linear", "title": x_title, "range": [0, 100], **_GRID}
    return _figure([diagonal, *traces], "round trips that won, %", x_axis)


def _calibration(row: ModelRow, place: int) -> Document:
    bins = [each for each in row.figures.calibration or () if each.stated is not None]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": escape(plain_text(row.name)),
        "line": _line(place),
        "marker": {"size": [round(6 + 6 * log10(each.count), 1) for each in bins]},
        "x": [_percent(each.stated) for each in bins],
        "y": [_percent(each.realized) for each in bins],
        "text": [f"{each.count} round trips" for each in bins],
    }


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else round(fraction * 100, 4)


def thinned(count: int) -> range:
    """Places of at most `MAX_POINTS` of `count` points, evenly spaced, the last among them."""
    stride = max(1, -(-count // MAX_POINTS))
    return range((count - 1) % stride, count, stride)


def _figure(traces: list[Document], y_title: str, x_axis: Document | None = None) -> Document:
    return {
        "data": traces,
        "layout": {
            "height": 420,
            "margin": {"l": 60, "r": 10, "t": 10, "b": 40},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": "#888888"},
            "hovermode": "closest",
            "showlegend": True,
            "xaxis": x_axis or {"type": "date", **_GRID},
            "yaxis": {"title": {"text": escape(plain_text(y_title))}, **_GRID},
        },
    }


def _curve(session: Session, place: int, record: Record, values: Sequence[float | None]) -> Document:
    shown = thinned(len(values))
    return {
        "type": "scatter",
        "mode": "lines",
        "name": escape(plain_text(record.name)),
        "line": _line(place),
        "x": [session.rounds[index].ts_ms for index in shown],
        "y": [values[index] for index in shown],
    }


def _line(place: int) -> Document:
    """How the curves of the agent at a place of the start list are drawn."""
    return {
        "color": _COLOURS[place % len(_COLOURS)],
        "dash": _DASHES[place // len(_COLOURS) % len(_DASHES)],
        "width": 1.5,
    }


def _return_percent(record: Record, equity: int) -> float | None:
    return round((equity / record.capital - 1) * 100, 4) if record.capital > 0 else None


def _drawdowns_percent(record: Record) -> list[float | None]:
    peaks = list(accumulate(record.equities, max, initial=int(record.capital)))[1:]
    return [
        round((equity / peak - 1) * 100, 4) if peak > 0 else None
        for equity, peak in zip(record.equities, peaks, strict=True)
    ]


def _dots(session: Session, place: int, name: str, trades: Sequence[Trade]) -> Document:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": escape(plain_text(name)),
        "marker": {
            "color": _COLOURS[place % len(_COLOURS)],
            "symbol": ["triangle-up" if trade.signed_lots > 0 else "triangle-down" for trade in trades],
            "size": 8,
        },
        "x": [trade.closed_ms for trade in trades],
        "y": [statistic(trade.pnl / MICROS_PER_UNIT) for trade in trades],
        "text": [escape(plain_text(_trade_words(session, trade))) for trade in trades],
        "hovertemplate": "%{text}<br>%{y:,.2f} on %{x}<extra></extra>",
    }


def _trade_words(session: Session, trade: Trade) -> str:
    instrument = next(each for each in session.run.instruments if each.symbol == trade.symbol)
    quantity = instrument.quantity(Lots(abs(trade.signed_lots)))
    direction = "long" if trade.signed_lots > 0 else "short"
    move = percent(trade.exit_price / trade.entry_price - 1, signed=True) if trade.entry_price > 0 else ""
    return (
        f"{trade.agent}: {direction} {quantity:g} {trade.symbol}, "
        f"{price(trade.entry_price)} to {price(trade.exit_price)} ({move}), by {trade.exit_purpose}"
    )

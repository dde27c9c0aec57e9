"""A session as JSON: the file a run leaves, and the report for other programs.

Money is decimal numbers in units of quote with six places, exact, and what models cost in US dollars;
quantities are base units, prices quote per base unit, fractions of one; times are ISO 8601 in UTC; undefined
is null. What depends on the wall clock, the run's id, the bot or its process stands under ``wall``; the rest
is the same, byte for byte, whenever the same run is run again.
"""

from collections.abc import Mapping

from cockpit.domain.plain_text import plain_text
from cockpit.report.debates.rows import debates_document
from cockpit.report.debates.statistics import debate_report
from cockpit.report.incidents import incident_row
from cockpit.report.models.rows import models_document
from cockpit.report.models.statistics import model_report
from cockpit.report.routing.rows import routing_document
from cockpit.report.routing.statistics import routing_report
from cockpit.report.rows import (
    answer_row,
    details_row,
    fill_row,
    instrument_row,
    position_row,
    process_row,
    statistics_row,
    trade_row,
)
from cockpit.report.session import Session
from cockpit.report.statistics import arena_statistics, ranked
from cockpit.report.values import Document, amount, instant


def session_document(session: Session, wall: Mapping[str, object]) -> Document:
    """Everything a session file says.

    Args:
        session: What to tell.
        wall: More for the key ``wall``, such as when the file was written.
    """
    instruments = {each.symbol: each for each in session.run.instruments}
    records = {record.name: record for record in session.agents}
    return {
        "format": "cockpit session 1",
        **_heading(session),
        "instruments": [instrument_row(each) for each in session.run.instruments],
        "arena": statistics_row(arena_statistics(session)) | details_row(session.arena),
        "agents": [statistics_row(row) | details_row(records[row.name]) for row in ranked(session)],
        **_deliberation(session),
        "contestants": [record.name for record in session.agents],
        "rounds": _rounds(session),
        "fills": [fill_row(each, instruments[each.fill.symbol]) for each in session.executions],
        "trades": [trade_row(each, instruments[each.symbol]) for each in session.arena.trades],
        "positions": [
            position_row(record.name, each, instruments[each.symbol], session.marks[each.symbol])
            for record in session.agents
            for each in record.positions
        ],
        "incidents": [incident_row(each) for each in session.incidents],
        "decisions": [answer_row(each, session.links_of(each)) for each in session.answers],
        "wall": _wall(session, wall),
    }


def report_document(session: Session, wall: Mapping[str, object]) -> Document:
    """The figures alone."""
    return {
        "format": "cockpit report 1",
        **_heading(session),
        "arena": statistics_row(arena_statistics(session)),
        "agents": [statistics_row(row) for row in ranked(session)],
        **_deliberation(session),
        "wall": _wall(session, wall),
    }


def _deliberation(session: Session) -> Document:
    """What models did and cost, what debates and routing came to; nothing where there is none of it."""
    models, debates, routing = model_report(session), debate_report(session), routing_report(session)
    told: Document = {}
    if models is not None:
        told["models"] = models_document(models)
    if debates is not None:
        told["debates"] = debates_document(debates)
    if routing is not None:
        told["routing"] = routing_document(routing)
    return told


def _heading(session: Session) -> Document:
    run = session.run
    return {
        "run": {
            "market": run.market,
            "venue": run.venue,
            "mode": run.mode,
            "quote": run.quote,
            "seed": run.seed,
            "market_interval_ms": run.market_interval_ms,
            "round_interval_ms": run.round_interval_ms,
            "start": instant(run.start_ms),
            "rounds_limit": run.rounds_limit,
            "end": instant(run.end_ms),
            "capital_in": amount(run.capital_in),
            "agent_limits": run.agent_limits,
            "arena_limits": run.arena_limits,
        },
        "period": {"from": instant(session.from_ms), "to": instant(session.to_ms)},
        "finished": plain_text(session.finished) or None,
        "rounds_closed": len(session.rounds),
    }


def _rounds(session: Session) -> list[Document]:
    curves = zip(*(record.equities for record in session.agents), strict=True)
    return [
        {
            "round": each.number,
            "time": instant(each.ts_ms),
            "view": each.view_hash,
            "equities": [amount(equity) for equity in equities],
        }
        for each, equities in zip(session.rounds, curves, strict=True)
    ]


def _wall(session: Session, more: Mapping[str, object]) -> Document:
    return {
        "bot": plain_text(session.run.bot),
        "run_id": plain_text(session.run_id),
        "settings_digest": session.run.settings_digest,
        "last_seq": session.last_seq,
        "process": [process_row(each) for each in session.process],
        **more,
    }

"""What a session says of debates, for other programs: objects, and cells for spreadsheets."""

from collections.abc import Iterable

from cockpit.domain.plain_text import plain_text
from cockpit.report.debates.statistics import ROLES_IN_ORDER, DebateReport, DebateRow
from cockpit.report.values import Document, statistic
from cockpit.trading.forecasts import NOTHING_KNOWN, RoleScore


def debates_document(report: DebateReport) -> Document:
    """Agents that debate, best return first, and all together.

    ``brier_of_nothing_known`` is what a role's Brier score has to stay below.
    """
    return {
        "brier_of_nothing_known": statistic(NOTHING_KNOWN),
        "agents": [_debate_row(row) for row in report.agents],
        "arena": _debate_row(report.arena),
    }


def debate_cells(report: DebateReport) -> dict[str, Document]:
    """Columns of a sheet, by the agent's name; those of roles only for roles that spoke."""
    spoken = {score.role for score in report.arena.roles}
    roles = [role for role in ROLES_IN_ORDER if role in spoken]
    return {row.name: _debate_cells(row, roles) for row in (*report.agents, report.arena)}


def _debate_row(row: DebateRow) -> Document:
    figures = row.figures
    return {
        "name": plain_text(row.name),
        "debates": figures.debates,
        "agreement": statistic(figures.agreement),
        "disagreed_share": statistic(figures.disagreed_share),
        "verdicts": figures.verdicts,
        "consensus_share": statistic(figures.consensus_share),
        "compared_with_shadow": figures.compared,
        "shadow_differs_share": statistic(figures.shadow_differs_share),
        "roles": [{"role": score.role, **_score(score)} for score in row.roles],
    }


def _debate_cells(row: DebateRow, roles: Iterable[str]) -> Document:
    facts = _debate_row(row)
    del facts["name"], facts["roles"]
    cells: Document = {"debates": facts.pop("debates")}
    cells |= {f"debate_{name}": value for name, value in facts.items()}
    scores = {score.role: score for score in row.roles}
    nothing = RoleScore(
        agent=row.name, role="", forecasts=0, scored=0, brier=None, hit_rate=None, confidence=None
    )
    for role in roles:
        score = _score(scores.get(role, nothing))
        cells |= {f"debate_{role}_{name}": value for name, value in score.items()}
    return cells


def _score(score: RoleScore) -> Document:
    return {
        "forecasts": score.forecasts,
        "scored": score.scored,
        "brier_score": statistic(score.brier),
        "hit_rate": statistic(score.hit_rate),
        "confidence": statistic(score.confidence),
    }

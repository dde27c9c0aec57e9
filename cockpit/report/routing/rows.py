"""What a session says of routing, for other programs: objects, and cells for spreadsheets."""

from cockpit.domain.plain_text import plain_text
from cockpit.domain.routing import Trigger
from cockpit.report.routing.statistics import RoutingReport, RoutingRow
from cockpit.report.values import Document, amount, statistic


def routing_document(report: RoutingReport) -> Document:
    """Agents that have a policy, best return first, and all together; costs are US dollars."""
    return {
        "cost_currency": "USD",
        "agents": [_routing_row(row) for row in report.agents],
        "arena": _routing_row(report.arena),
    }


def routing_cells(report: RoutingReport) -> dict[str, Document]:
    """Columns of a sheet, by the agent's name."""
    return {row.name: _routing_cells(row) for row in (*report.agents, report.arena)}


def _routing_row(row: RoutingRow) -> Document:
    summary = row.summary
    return {
        "name": plain_text(row.name),
        "rounds_asked": summary.rounds,
        "rounds_skipped": summary.skipped,
        "skip_rate": statistic(summary.skip_rate),
        "escalations": summary.escalations,
        "escalation_rate": statistic(summary.escalation_rate),
        "triggers": {trigger.value: summary.triggers.get(trigger, 0) for trigger in Trigger},
        "changed": summary.changed,
        "undecided": summary.undecided,
        "change_rate": statistic(summary.change_rate),
        "withheld": summary.withheld,
        "unpriced_calls": summary.unpriced,
        "cost": amount(row.cost),
        "cheap_cost_at_least": amount(row.at_least(summary.cheap_cost)),
        "powerful_cost_at_least": amount(row.at_least(summary.powerful_cost)),
        "other_cost_at_least": amount(row.at_least(summary.other_cost)),
        "powerful_share": statistic(row.powerful_share),
    }


def _routing_cells(row: RoutingRow) -> Document:
    facts = _routing_row(row)
    del facts["name"], facts["triggers"]
    cells: Document = {
        f"routing_{name}_usd" if "cost" in name else f"routing_{name}": value for name, value in facts.items()
    }
    return cells | {f"escalated_by_{each.value}": row.summary.triggers.get(each, 0) for each in Trigger}

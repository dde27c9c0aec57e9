"""What a report's tables say of routing, shown where agents ask cheap models first or skip rounds.

What models cost is US dollars, whatever the run's quote currency; the headings say so.
"""

from functools import partial

from cockpit.arena.model_figures import dollars
from cockpit.domain.formats import percent
from cockpit.domain.market import Micros
from cockpit.domain.routing import Trigger
from cockpit.report.columns import NAME, Column
from cockpit.report.routing.statistics import RoutingRow


def _cost(row: RoutingRow, cost: Micros) -> str:
    """A part of the cost: ``≥ $0.0120`` where calls without a price may be in it, ``n/a`` if nothing else."""
    known = row.at_least(cost)
    return f"{'≥ ' if row.summary.unpriced and known is not None else ''}{dollars(known)}"


def _count(trigger: Trigger, row: RoutingRow) -> str:
    return str(row.summary.triggers.get(trigger, 0))


ROUNDS: tuple[Column[RoutingRow], ...] = (
    NAME,
    Column("asked", lambda row: str(row.summary.rounds)),
    Column("skipped", lambda row: str(row.summary.skipped)),
    Column("escalated", lambda row: str(row.summary.escalations)),
    Column("of asked", lambda row: percent(row.summary.escalation_rate, decimals=1)),
    Column("changed", lambda row: str(row.summary.changed)),
    Column("undecided", lambda row: str(row.summary.undecided)),
    Column("withheld", lambda row: str(row.summary.withheld)),
)
TRIGGERS: tuple[Column[RoutingRow], ...] = (
    NAME,
    *(Column(trigger.value, partial(_count, trigger)) for trigger in Trigger),
)
COSTS: tuple[Column[RoutingRow], ...] = (
    NAME,
    Column("cheap, US$", lambda row: _cost(row, row.summary.cheap_cost)),
    Column("powerful", lambda row: _cost(row, row.summary.powerful_cost)),
    Column("other", lambda row: _cost(row, row.summary.other_cost)),
    Column("together", lambda row: _cost(row, row.summary.cost)),
    Column("powerful's share", lambda row: percent(row.powerful_share, decimals=1)),
)
ROUTING_SECTIONS: tuple[tuple[str, tuple[Column[RoutingRow], ...]], ...] = (
    ("Cheap models first: rounds", ROUNDS),
    ("Why decisions were escalated", TRIGGERS),
    ("What asking cost", COSTS),
)

"""What a report's tables say of debates, shown where some were held."""

from cockpit.domain.formats import percent, ratio
from cockpit.report.columns import NAME, Column
from cockpit.report.debates.statistics import DebateRow, RoleRow
from cockpit.trading.forecasts import NOTHING_KNOWN

DEBATES_TITLE = "Debates"
DEBATES: tuple[Column[DebateRow], ...] = (
    NAME,
    Column("held", lambda row: str(row.figures.debates)),
    Column("agreement", lambda row: percent(row.figures.agreement, decimals=1)),
    Column("disagreed", lambda row: percent(row.figures.disagreed_share, decimals=1)),
    Column("verdicts", lambda row: str(row.figures.verdicts)),
    Column("as consensus", lambda row: percent(row.figures.consensus_share, decimals=1)),
    Column("shadowed", lambda row: str(row.figures.compared)),
    Column("differed", lambda row: percent(row.figures.shadow_differs_share, decimals=1)),
)

ROLES_TITLE = f"How right roles were (Brier {NOTHING_KNOWN:.4f}: nothing known)"
ROLES: tuple[Column[RoleRow], ...] = (
    NAME,
    Column("role", lambda row: row.score.role.replace("_", " "), is_text=True),
    Column("forecasts", lambda row: str(row.score.forecasts)),
    Column("scored", lambda row: str(row.score.scored)),
    Column("Brier", lambda row: ratio(row.score.brier, 4)),
    Column("hit rate", lambda row: percent(row.score.hit_rate, decimals=1)),
    Column("confidence", lambda row: percent(row.score.confidence, decimals=1)),
)

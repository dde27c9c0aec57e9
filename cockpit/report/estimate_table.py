"""What a run would ask models, and what that costs, for people: costs are US dollars."""

from collections.abc import Iterator, Sequence

from rich.console import Group
from rich.text import Text

from cockpit.agents.models.cost_estimate import OUTPUT_SHARE, Amount, ModelEstimate
from cockpit.arena.asking_plan import ESCALATED_SHARE, RunEstimate
from cockpit.arena.model_figures import dollars
from cockpit.domain.formats import percent
from cockpit.domain.plain_text import plain_text
from cockpit.report.columns import NAME, Column
from cockpit.report.sections import section
from cockpit.report.tables import section_table

ESTIMATE: tuple[Column[ModelEstimate], ...] = (
    NAME,
    Column("model", lambda row: plain_text(row.model), is_text=True),
    Column("as", lambda row: _roles(row.roles), is_text=True),
    Column("calls", lambda row: f"{row.usual.calls:,}"),
    Column("at most", lambda row: f"{row.most.calls:,}"),
    Column("tokens in", lambda row: _tokens(row.usual.input_tokens)),
    Column("out", lambda row: _tokens(row.usual.output_tokens)),
    Column("US$", lambda row: cost_words(row.usual)),
    Column("at most", lambda row: cost_words(row.most)),
)


def estimate_report(estimate: RunEstimate, warnings: Sequence[str] = ()) -> Group:
    """The estimate as a table, what it is based on, and what else a person should know.

    Args:
        estimate: Of a run.
        warnings: Which models may know how the market went, a line each.
    """
    cost = estimate.cost
    table = section_table(section(_title(estimate), ESTIMATE, cost.models, cost.together), folds=True)
    return Group(table, *(Text(plain_text(line)) for line in (*_basis(estimate), *warnings)))


def estimate_line(estimate: RunEstimate) -> str:
    """The same in a few words: ``about 1,440 calls for $3.10, at most 5,760 for $12.40``."""
    usual, most = estimate.cost.together.usual, estimate.cost.together.most
    return (
        f"about {usual.calls:,} calls for {cost_words(usual)}, at most {most.calls:,} for {cost_words(most)}"
    )


def cost_words(amount: Amount) -> str:
    """A cost: ``≥ $1.20`` where some calls have no price, ``n/a`` where none has one."""
    return f"{'≥ ' if amount.unpriced and amount.known_cost is not None else ''}{dollars(amount.known_cost)}"


def _title(estimate: RunEstimate) -> str:
    rounds = f"{estimate.cost.rounds:,} rounds"
    span = f"in {rounds}" if estimate.has_end else f"in a market day, {rounds}; the run has no end"
    return f"What models would be asked {span}"


def _basis(estimate: RunEstimate) -> Iterator[str]:
    usual, escalated = (percent(float(share), decimals=0) for share in (OUTPUT_SHARE, ESCALATED_SHARE))
    yield (
        f"Taken for usual: answers of {usual} of their longest, {escalated} of routed decisions escalated. "
        "At most: everything as long and as often as it may be, tries of failed calls left out."
    )
    unpriced = dict.fromkeys(each.model for each in estimate.cost.models if each.most.unpriced)
    if unpriced:
        yield (
            f"Nobody knows the price of {', '.join(unpriced)}: what that costs is in no figure; give "
            "input_price and output_price in models.routes."
        )
    if estimate.budget is not None:
        yield f"models.budget.total ends it at {dollars(estimate.budget)}, what was spent before included."


def _tokens(count: int) -> str:
    """``9,624``, ``480k``, ``5.6M``: more figures would promise more than an estimate knows."""
    if count < 10_000:
        return f"{count:,}"
    return f"{count / 1_000:.0f}k" if count < 1_000_000 else f"{count / 1_000_000:,.1f}M"


def _roles(roles: Sequence[str]) -> str:
    return ", ".join(roles).replace("_", " ") if len(roles) <= 2 else f"{len(roles)} roles"

"""How the control API tells what models cost: today, by the day at this rate, and of what may be spent."""

from collections.abc import Mapping
from typing import Any

from cockpit.agents.models.budget import BudgetStanding
from cockpit.arena.leaderboard import leaderboard
from cockpit.daemon.api_calls import BudgetLine, ModelCosts
from cockpit.domain.market import MICROS_PER_UNIT
from cockpit.trading.state import ArenaState


def costs_answer(
    found: Mapping[str, Any], state: ArenaState, budgets: Mapping[str | None, BudgetStanding]
) -> ModelCosts:
    """What models cost today.

    Args:
        found: As `read_costs` gives it.
        state: For what a day of rounds comes to.
        budgets: By agent, and under None that of all together.
    """
    return ModelCosts(
        **found,
        projected_daily_cost=_projected(state),
        budgets=tuple(_budget(agent, standing) for agent, standing in budgets.items()),
    )


def _projected(state: ArenaState) -> float | None:
    """Of all agents that ask models; None where one's cost is unknown, or none has asked."""
    daily = [each.models.daily_cost for each in leaderboard(state) if each.models is not None]
    known = [cost for cost in daily if cost is not None]
    return sum(known) / MICROS_PER_UNIT if known and len(known) == len(daily) else None


def _budget(agent: str | None, standing: BudgetStanding) -> BudgetLine:
    limits = standing.limits
    return BudgetLine(
        agent=agent,
        daily_limit=_dollars(limits.daily),
        spent_today=standing.spent_today / MICROS_PER_UNIT,
        total_limit=_dollars(limits.total),
        spent=standing.spent / MICROS_PER_UNIT,
        reserved=standing.reserved / MICROS_PER_UNIT,
    )


def _dollars(micros: int | None) -> float | None:
    return None if micros is None else micros / MICROS_PER_UNIT

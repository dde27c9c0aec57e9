"""Profiles of models and traders, in the read models."""

from collections.abc import Iterator

import msgspec

from cockpit.domain.events import (
    AiProfileRemoved,
    AiProfileSaved,
    Recorded,
    RunStarted,
    TraderProfileRemoved,
    TraderProfileSaved,
)
from cockpit.journal.statements import Row, insert


def ai_profile_saved(recorded: Recorded, event: AiProfileSaved, run: RunStarted | None) -> Iterator[Row]:
    """The profile as it is now, in place of the one of its name."""
    profile = event.profile
    yield _without("ai_agent_profiles", profile.name)
    yield insert(
        "ai_agent_profiles",
        name=profile.name,
        provider=profile.provider,
        model=profile.model,
        role=profile.role,
        tier=profile.tier,
        mode=profile.mode,
        budget_total_micros=profile.budget_total,
        budget_daily_micros=profile.budget_daily,
        seq=recorded.seq,
        saved_ms=event.wall_ms,
        saved_by=event.by,
    )


def ai_profile_removed(recorded: Recorded, event: AiProfileRemoved, run: RunStarted | None) -> Iterator[Row]:
    """No row any more."""
    yield _without("ai_agent_profiles", event.name)


def trader_profile_saved(
    recorded: Recorded, event: TraderProfileSaved, run: RunStarted | None
) -> Iterator[Row]:
    """The profile as it is now, in place of the one of its name."""
    profile = event.profile
    yield _without("trader_profiles", profile.name)
    yield insert(
        "trader_profiles",
        name=profile.name,
        kind=profile.kind,
        strategy=profile.strategy,
        timeframe=profile.timeframe,
        minds=msgspec.json.encode(profile.minds).decode(),
        competes=profile.competes,
        note=profile.note,
        seq=recorded.seq,
        saved_ms=event.wall_ms,
        saved_by=event.by,
    )


def trader_profile_removed(
    recorded: Recorded, event: TraderProfileRemoved, run: RunStarted | None
) -> Iterator[Row]:
    """No row any more."""
    yield _without("trader_profiles", event.name)


def _without(table: str, name: str) -> Row:
    return f"DELETE FROM {table} WHERE name = ?", (name,)  # noqa: S608 - our own names

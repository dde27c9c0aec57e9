"""Nobody asks models about recorded candles before a person has seen what that costs, and said yes.

The yes holds for one run, and is journaled with the start of the process that got it: whoever goes on with
that run needs no other.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cockpit.arena.assembly import Parts
from cockpit.arena.notices import lookahead_notices
from cockpit.daemon.enrolment import StartList, enrolled
from cockpit.daemon.folder import BotFolder
from cockpit.domain.errors import USAGE, CockpitError
from cockpit.domain.events import RunStarted
from cockpit.domain.profiles import MIND_KINDS
from cockpit.journal.consent_reading import cost_was_accepted
from cockpit.journal.journal_end import unfinished_run
from cockpit.journal.profile_reading import read_profiles
from cockpit.settings.tree import Settings

if TYPE_CHECKING:
    from cockpit.arena.asking_plan import RunEstimate

HOW_TO_ACCEPT = 'say yes with --accept-cost, or let recorded calls answer with models.mode = "replay"'


class CostNotAccepted(CockpitError):
    """Models would be asked about recorded candles, and nobody has accepted what that costs."""

    exit_code = USAGE


class Consent(StrEnum):
    """What a person has said of the cost; `NOT_NEEDED` where no round is played, so that nobody asks."""

    MISSING = "missing"
    GIVEN = "given"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class CostQuestion:
    """What a person has to say yes to.

    Attributes:
        estimate: What the run would ask, and what that costs.
        warnings: Which models may know how the market went, a line each.
    """

    estimate: "RunEstimate"
    warnings: tuple[str, ...]


async def cost_question(
    folder: BotFolder, settings: Settings, *, new: bool, by_hand: bool = False
) -> CostQuestion | None:
    """What a person has to be asked before the bot starts; None: nothing.

    Args:
        folder: The bot's; nothing is written there.
        settings: Resolved.
        new: A new run, even if there is an unfinished one.
        by_hand: See `enrolled`.

    Raises:
        CockpitError: If the settings make no arena, or the journal can't be read.
    """
    if not _may_ask(folder, settings):
        return None
    start_list = enrolled(settings, folder, new=new, by_hand=by_hand)
    if not _is_due(folder, start_list.settings, start_list.parts, new=new):
        return None
    return await _question(start_list)


async def new_run_estimate(
    folder: BotFolder, settings: Settings, *, by_hand: bool = False
) -> CostQuestion | None:
    """What a new run would ask models on any market; None where nobody would be asked.

    Args:
        folder: The bot's; nothing is written there.
        settings: Resolved.
        by_hand: See `enrolled`.

    Raises:
        CockpitError: If the settings make no arena, or the journal can't be read.
    """
    return await _question(enrolled(settings, folder, new=True, by_hand=by_hand))


def consented(folder: BotFolder, settings: Settings, parts: Parts, consent: Consent, *, new: bool) -> bool:
    """Whether a person has accepted by this start what a run costs, where that has to be accepted.

    Args:
        folder: The bot's.
        settings: With everybody who competes.
        parts: The arena made of them.
        consent: What was said.
        new: See `cost_question`.

    Raises:
        CostNotAccepted: If it has to be, and nobody has, neither now nor when the run began.
    """
    if consent is Consent.NOT_NEEDED or not _is_due(folder, settings, parts, new=new):
        return False
    if consent is Consent.MISSING:
        raise CostNotAccepted(
            "models would be asked about recorded candles; `cockpit run --estimate` says what that costs; "
            f"{HOW_TO_ACCEPT}"
        )
    return True


async def _question(start_list: StartList) -> CostQuestion | None:
    settings, parts = start_list.settings, start_list.parts
    if parts.minds is None:
        return None
    from cockpit.arena.asking_plan import run_estimate  # noqa: PLC0415 - with all that writes prompts

    estimate = await run_estimate(settings, parts)
    return None if estimate is None else CostQuestion(estimate, lookahead_notices(settings, parts))


def _may_ask(folder: BotFolder, settings: Settings) -> bool:
    """Whether it is worth reading candles to find out."""
    if settings.market.kind != "replay" or settings.models.mode == "replay":
        return False
    if any(agent.kind in MIND_KINDS for agent in settings.agents):
        return True
    return any(each.kind in MIND_KINDS for each in read_profiles(folder.journal).traders.values())


def _is_due(folder: BotFolder, settings: Settings, parts: Parts, *, new: bool) -> bool:
    """Whether models would be asked about recorded candles in a run whose cost nobody has accepted yet."""
    if settings.market.kind != "replay" or parts.minds is None:
        return False
    from cockpit.arena.asking_plan import asks_on_recorded_candles  # noqa: PLC0415 - see above

    if not asks_on_recorded_candles(settings, parts):
        return False
    begun = None if new else unfinished_run(folder.journal)
    if begun is None:
        return True
    assert isinstance(begun.event, RunStarted)
    if begun.event.settings_digest != parts.agreement.settings_digest:
        return False  # it can't be gone on with, and that is what has to be said
    return not cost_was_accepted(folder.journal, begun.run_id)

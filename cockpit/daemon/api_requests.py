"""What the control API can be asked to do, as JSON bodies."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from cockpit.domain.events import TradingMode

Asker = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9 ._@'-]+$")]
"""Who asks: it stands in the journal, beside what was done."""


class ControlRequest(BaseModel):
    """Something the bot is asked to do; `by` is who asks."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    by: Asker = "a person"


class ModeRequest(ControlRequest):
    """What orders may do: anything, only reduce exposure, or nothing."""

    mode: Annotated[TradingMode, Field(strict=False)]


class KillRequest(ControlRequest):
    """The kill switch; with `flatten`, an emergency stop that cancels and closes everything first."""

    flatten: bool = False


class StopRequest(ControlRequest):
    """How the bot is to end.

    Attributes:
        now: Abandon the round in progress.
        flatten: Close all positions first.
    """

    now: bool = False
    flatten: bool = False

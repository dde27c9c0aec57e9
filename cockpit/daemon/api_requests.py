"""What the control API can be asked to do, as JSON bodies."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Asker = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9 ._@'-]+$")]
"""Who asks: it stands in the journal, beside what was done."""


class ControlRequest(BaseModel):
    """Something the bot is asked to do; `by` is who asks."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    by: Asker = "a person"


class KillRequest(ControlRequest):
    """The kill switch; with `flatten`, every order is cancelled and every position closed first."""

    flatten: bool = False


class StopRequest(ControlRequest):
    """How the bot is to end.

    Attributes:
        now: Abandon the round in progress.
        flatten: Close all positions first.
    """

    now: bool = False
    flatten: bool = False

"""The settings a bot was last run with, beside its journal: an unfinished run goes on under no others."""

import logging
import os
import secrets
from pathlib import Path

from pydantic import ValidationError

from cockpit.settings.sources import ConfigInvalid
from cockpit.settings.tree import Settings

_LOG = logging.getLogger(__name__)


def remember_settings(path: Path, settings: Settings) -> None:
    """Writes settings as they were resolved, whole or not at all; a disk that is full is told in the log.

    Args:
        path: The file; only its user can read it.
        settings: Whatever of them was given; a path in them is written as seen from anywhere.
    """
    market = settings.market
    if market.data is not None:
        market = market.model_copy(update={"data": market.data.absolute()})
        settings = settings.model_copy(update={"market": market})
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(settings.model_dump_json(exclude_unset=True, indent=1))
        draft.replace(path)
    except OSError as error:
        _LOG.warning("the settings can't be kept in %s: %s", path, error)
        draft.unlink(missing_ok=True)


def remembered_settings(path: Path) -> Settings | None:
    """What was written there; None where nothing was.

    Raises:
        ConfigInvalid: If it can't be read, or is of another version of the program.
    """
    try:
        return Settings.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        what = error.strerror if isinstance(error, OSError) else error.errors()[0]["msg"]
        raise ConfigInvalid(
            f"the settings of the last run in {path} can't be used ({what}): start the bot with the same"
            " ones, then kill it"
        ) from error

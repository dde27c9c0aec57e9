"""The fields that models' answers are made of: numbers and words, taken as they are or refused."""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from cockpit.agents.answers.json_mending import NUMBER
from cockpit.agents.answers.reply_text import quoted
from cockpit.domain.plain_text import plain_text
from cockpit.trading.decision_checks import MAX_REASON_LENGTH

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_WORD = re.compile(r"[\s_-]+")


def field_name(key: str) -> str:
    """A key as this schema spells its own: ``stopLoss`` and ``Stop-Loss`` are ``stop_loss``."""
    return _NOT_WORD.sub("_", _CAMEL.sub("_", key.strip())).lower()


def refusal(message: str) -> PydanticCustomError:
    """What a validator raises to refuse a value in these words."""
    # The message is a value of the template, so that braces in it stay as they are.
    return PydanticCustomError("refused", "{message}", {"message": message})


def _number(value: object) -> float | None:
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    text = value.strip() if isinstance(value, str) else str(value) if is_number else ""
    if not is_number and not NUMBER.fullmatch(text):
        raise refusal(f"{described(value)} is not a plain number")
    number = float(text)
    if not isfinite(number):
        raise refusal(f"{quoted(text)} is not a finite number")
    if number < 0:
        raise refusal(f"{number:g} is negative")
    return number


def _fraction(value: object) -> float | None:
    number = _number(value)
    if number is not None and number > 1:
        raise refusal(f"{number:g} is outside 0 to 1")
    return number


def words(value: object, limit: int = MAX_REASON_LENGTH) -> str:
    """Text made inert and cut to `limit` characters; empty for None.

    Raises:
        PydanticCustomError: If it is no text.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise refusal(f"{described(value)} is not text")
    return plain_text(value, limit).strip()


def described(value: object) -> str:
    """A value as a reason may name it."""
    match value:
        case str() | float() | int():
            return quoted(value)
        case None:
            return "null"
        case _:
            return "an object" if isinstance(value, Mapping) else "an array"


Number = Annotated[float | None, BeforeValidator(_number)]
"""Finite and not negative; None where nothing is said."""

Fraction = Annotated[float | None, BeforeValidator(_fraction)]
"""From 0 to 1; None where nothing is said."""

Words = Annotated[str, BeforeValidator(words)]
"""Inert and bounded; empty where nothing is said."""

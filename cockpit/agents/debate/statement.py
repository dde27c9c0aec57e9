"""What an analyst says: the form it is asked for, and how its words are read; refused, but never guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError, ValidationInfo

from cockpit.agents.answers.answer_fields import Fraction, described, field_name, refusal, words
from cockpit.agents.answers.coin_checks import Situation
from cockpit.agents.answers.reply_text import TextFault, Unusable, objects_in, quoted
from cockpit.domain.debates import MAX_ARGUMENT, MAX_SIGNAL, MAX_SIGNALS, Stance, SymbolStance


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What an analyst says of the market.

    Attributes:
        stances: In the run's order, at least one; each has a confidence.
        signals: What it goes by; bounded and inert.
        argument: Bounded and inert.
    """

    stances: tuple[SymbolStance, ...]
    signals: tuple[str, ...]
    argument: str


def statement_schema(coins: Sequence[str]) -> dict[str, Any]:
    """JSON schema of a statement, kept to what all providers' structured outputs can be held to.

    Args:
        coins: Names a model may use, in the order they are shown.
    """
    stance = _closed(
        {
            "stance": {"type": "string", "enum": [each.value for each in Stance]},
            "confidence": {"type": "number", "description": "Probability from 0 to 1 that it proves right."},
        }
    )
    signals = {
        "type": "array",
        "items": {"type": "string"},
        "description": f"What you go by: at most {MAX_SIGNALS}, of at most {MAX_SIGNAL} characters each.",
    }
    argument = {"type": "string", "description": f"Your case, in at most {MAX_ARGUMENT} characters."}
    stances = _closed({coin: {"$ref": "#/$defs/Stance"} for coin in coins})
    whole = _closed({"stances": stances, "signals": signals, "argument": argument})
    return whole | {"$defs": {"Stance": stance}}


def _closed(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def read_statement(text: str, situation: Situation) -> Statement | str:
    """What a model's raw text says, or in one inert line why it can't be used; never raises.

    Coins that it leaves out are coins it says nothing of, and what it says of coins that are traded but not
    debated is left out. A coin that is not traded, a confidence outside 0 … 1, a stance that is none, or an
    answer that was cut off makes all of it unusable.
    """
    found = objects_in(text)
    if isinstance(found, TextFault):
        return found.reason
    statements = [each for each in found.objects if any(field_name(key) == "stances" for key in each)]
    if not statements:
        return "it has no stances in its JSON"
    if any(each != statements[0] for each in statements):
        return "it made several statements, which differ"
    try:
        said = _STATEMENT.validate_python(statements[0], context=situation)
    except ValidationError as error:
        return _reason(error)
    stances = _stances(said.stances, situation)
    if isinstance(stances, str):
        return stances
    return Statement(stances=stances, signals=said.signals, argument=said.argument)


def _stances(said: Mapping[str, "_CoinStance"], situation: Situation) -> tuple[SymbolStance, ...] | str:
    stances: dict[str, SymbolStance] = {}
    for coin, each in said.items():
        symbol = situation.symbol_of(coin)
        if symbol is None:
            return f"{quoted(coin)}: {situation.no_coin(coin)}"
        stance = SymbolStance(symbol=symbol, stance=each.stance, confidence=each.confidence)
        if stances.setdefault(symbol, stance) != stance:
            return f"{quoted(coin)}: it is given several stances, which differ"
    if not stances:
        coins = ", ".join(situation.coins()) if situation.elsewhere else "any coin"
        return f"it takes no stance on {coins}"
    return tuple(stances[symbol] for symbol in situation.instruments if symbol in stances)


def _reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    words_of_it = "it is missing" if first["type"] == "missing" else first["msg"]
    place = ".".join(quoted(each)[1:-1] for each in first["loc"] if each)
    return f"{place}: {words_of_it}" if place else words_of_it


def _whole(value: object) -> object:
    """A value that is there, and not cut off or contradicted.

    Raises:
        PydanticCustomError: If it is not.
    """
    if isinstance(value, Unusable):
        raise refusal(value.value)
    if value is None:
        raise refusal("it is missing")
    return value


def _fields(value: object) -> object:
    """An object with its keys as the schema spells them."""
    _whole(value)
    if not isinstance(value, Mapping):
        raise refusal(f"{described(value)} is not an object")
    named: dict[str, Any] = {}
    for key, member in value.items():
        if member is Unusable.CUT:
            raise refusal(Unusable.CUT.value)
        name = field_name(key)
        is_same = name not in named or named[name] == member
        named[name] = member if is_same else Unusable.CONTRADICTED
    return named


def _debated(value: object, info: ValidationInfo) -> object:
    """What is said of each coin, without those that are not debated; what was cut off is not left out."""
    _whole(value)
    situation = info.context
    assert isinstance(situation, Situation)
    if not isinstance(value, Mapping):
        return value
    return {
        coin: said
        for coin, said in value.items()
        if isinstance(said, Unusable) or not situation.is_elsewhere(coin)
    }


def _stance(value: object) -> Stance:
    _whole(value)
    for stance in Stance:
        if isinstance(value, str) and field_name(value) == stance:
            return stance
    raise refusal(f"{described(value)} is none of {', '.join(Stance)}")


def _signals(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(_whole(value), list):
        raise refusal(f"{described(value)} is not a list")
    assert isinstance(value, list)
    told = (words(_whole(each), MAX_SIGNAL) for each in value)
    return tuple(each for each in told if each)[:MAX_SIGNALS]


def _argument(value: object) -> str:
    return "" if value is None else words(_whole(value), MAX_ARGUMENT)


class _CoinStance(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    stance: Annotated[Stance, BeforeValidator(_stance)]
    confidence: Annotated[Fraction, BeforeValidator(_whole)]


class _Statement(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    stances: Annotated[dict[str, Annotated[_CoinStance, BeforeValidator(_fields)]], BeforeValidator(_debated)]
    signals: Annotated[tuple[str, ...], BeforeValidator(_signals)] = ()
    argument: Annotated[str, BeforeValidator(_argument)] = ""


_STATEMENT: TypeAdapter[_Statement] = TypeAdapter(Annotated[_Statement, BeforeValidator(_fields)])

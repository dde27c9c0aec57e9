"""What a debate comes to: who agrees with whom, counted by heads.

Agreement on an instrument is the share of analysts that take the stance most of them take: one less the
variation ratio of L. C. Freeman (1965), Elementary Applied Statistics, p. 41. Heads are counted, not
confidence, so that nobody who shouts makes a majority. Of stances that equally many take, the one with the
higher sum of confidence counts; if that is equal too, nobody has convinced anybody, and it is flat.
"""

from collections.abc import Mapping, Sequence
from math import fsum

from cockpit.domain.debates import Stance, SymbolConsensus, SymbolStance

MIN_OPINIONS = 2
"""With fewer there is nobody to agree with."""


def consensus_of(
    symbols: Sequence[str], opinions: Sequence[Sequence[SymbolStance]], marks: Mapping[str, float]
) -> tuple[SymbolConsensus, ...]:
    """What the analysts' last words come to for each symbol, in that order.

    Args:
        symbols: What was debated.
        opinions: Of each analyst, its last word; each has a confidence.
        marks: Mark prices by symbol; may lack some.
    """
    return tuple(_consensus(each, opinions, marks.get(each)) for each in symbols)


def agreement_of(consensus: Sequence[SymbolConsensus]) -> float | None:
    """Mean agreement over the symbols that have one; None where none has."""
    shares = [each.agreement for each in consensus if each.agreement is not None]
    return fsum(shares) / len(shares) if shares else None


def _consensus(
    symbol: str, opinions: Sequence[Sequence[SymbolStance]], mark: float | None
) -> SymbolConsensus:
    confidences: dict[Stance, list[float]] = {}
    for opinion in opinions:
        for each in opinion:
            if each.symbol == symbol:
                confidences.setdefault(each.stance, []).append(each.confidence or 0.0)
    count = sum(map(len, confidences.values()))
    if not count:
        return SymbolConsensus(
            symbol=symbol, stance=None, confidence=None, agreement=None, opinions=0, mark=mark
        )
    most = max(map(len, confidences.values()))
    stance = _majority({each: own for each, own in confidences.items() if len(own) == most})
    own = confidences.get(stance, [])
    return SymbolConsensus(
        symbol=symbol,
        stance=stance,
        confidence=fsum(own) / len(own) if own else None,
        agreement=most / count if count >= MIN_OPINIONS else None,
        opinions=count,
        mark=mark,
    )


def _majority(tied: Mapping[Stance, Sequence[float]]) -> Stance:
    sums = {stance: fsum(own) for stance, own in tied.items()}
    highest = [stance for stance, total in sums.items() if total == max(sums.values())]
    return highest[0] if len(highest) == 1 else Stance.FLAT

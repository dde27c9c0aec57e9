"""Places in an order of merit, and how they are told."""

from collections.abc import Mapping


def ranks_of(results: Mapping[str, float]) -> dict[str, int]:
    """Ranks from 1, the largest result first; equals share one, and the next stands as many places lower."""
    places: dict[float, int] = {}
    for place, result in enumerate(sorted(results.values(), reverse=True), start=1):
        places.setdefault(result, place)
    return {name: places[result] for name, result in results.items()}


def rank_words(rank: int | None) -> str:
    """A rank for people; ``–`` for None: there is none."""
    return "–" if rank is None else str(rank)

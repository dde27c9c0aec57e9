"""A process that commits for as long as it lives, and prints each place it was given."""

import asyncio
import sys
from pathlib import Path

from cockpit.domain.events import PauseSet
from cockpit.journal.journal import Journal


async def commit_for_ever(path: Path) -> None:
    journal = Journal.open(path)
    number = journal.last_seq
    while True:
        events = [PauseSet(on=True, by=str(number + place)) for place in (1, 2, 3)]
        recorded = await journal.commit("a", 5, events)
        number = recorded[-1].seq
        print(number, flush=True)


asyncio.run(commit_for_ever(Path(sys.argv[1])))

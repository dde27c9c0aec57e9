"""A tape of recorded calls to read from: what is where is in memory, the calls themselves on disk.

A round that was cut short and asked again later (a bot that was killed goes on with its run) is on the
tape twice. The later recording counts: what an agent was told in the earlier one never came to anything.
So does a later recording of the same rounds from the start. Calls outside of rounds are all kept.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from cockpit.agents.models.recorded_call import (
    HEADER_START,
    CallHead,
    RecordedCall,
    Slot,
    TapeUnusable,
    read_call,
    read_head,
    read_header,
)

_SCAN_BYTES: Final = 1 << 20
_READ_BYTES: Final = 1 << 15


class _Place(NamedTuple):
    """Where a call is; sorts as calls began."""

    recording: int
    begun: int
    offset: int


class CallTape:
    """The calls of one tape, by slot and in the order in which they began.

    Attributes:
        path: The file.
        notices: What a person should know of it, one line each.
        grounded: Who could not take part in what was recorded last, and why.
    """

    def __init__(self, path: Path) -> None:
        """Read through a tape once.

        Raises:
            TapeUnusable: If it can't be read, or is no tape.
        """
        self.path = path
        self.notices: tuple[str, ...] = ()
        self.grounded: dict[str, str] = {}
        self._file: BinaryIO | None = None
        try:
            with path.open("rb", buffering=_SCAN_BYTES) as whole:
                self._places = self._index(whole)
            self._file = path.open("rb", buffering=_READ_BYTES)
        except OSError as error:
            raise TapeUnusable(
                f"the tape {path} can't be read ({error.strerror}): record a session first, or give"
                " another file"
            ) from error

    def __len__(self) -> int:
        """How many calls are on it, those left out that were recorded again."""
        return sum(map(len, self._places.values()))

    def slots(self) -> Iterator[Slot]:
        """Every slot with a call in it, in the order of the tape."""
        return iter(self._places)

    def count(self, slot: Slot) -> int:
        """How many calls are in a slot."""
        return len(self._places.get(slot, ()))

    def read(self, slot: Slot, occurrence: int) -> RecordedCall:
        """One call.

        Args:
            slot: Where.
            occurrence: 0 for the one that began first.

        Raises:
            LookupError: If there are not so many.
            TapeUnusable: If the file has changed since it was opened, or is damaged.
        """
        if self._file is None:
            raise TapeUnusable(f"the tape {self.path} is closed")
        place = self._places.get(slot, [])[occurrence]
        try:
            self._file.seek(place.offset)
            recorded = read_call(self._file.readline())
        except (OSError, ValueError) as error:
            raise TapeUnusable(
                f"the tape {self.path} is damaged at byte {place.offset} ({error}): record the session again"
            ) from error
        if recorded.call.slot != slot:
            raise TapeUnusable(
                f"the tape {self.path} has changed while it was replayed: start the replay again"
            )
        return recorded

    def close(self) -> None:
        """Lets go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _index(self, file: BinaryIO) -> dict[Slot, list[_Place]]:
        places: dict[Slot, list[_Place]] = {}
        names: dict[str, str] = {}
        recording = offset = 0
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                self.notices += (
                    f"the last {len(line)} bytes of the tape {self.path} were torn off: left out",
                )
                break
            if number == 1 or line.startswith(HEADER_START):
                self.grounded = read_header(line, self.path).grounded
                recording += 1
            else:
                head = self._head(line, number)
                _take_in(places, _slot(head, names), _Place(recording, head.begun, offset))
            offset += len(line)
        return {slot: _in_order(there) for slot, there in places.items()}

    def _head(self, line: bytes, number: int) -> CallHead:
        try:
            return read_head(line)
        except ValueError as error:
            raise TapeUnusable(
                f"line {number} of the tape {self.path} is damaged: record the session again, or remove"
                " that line"
            ) from error


def _slot(head: CallHead, names: dict[str, str]) -> Slot:
    """Its slot, with names held once in memory however many calls have them."""
    return Slot(
        names.setdefault(head.agent, head.agent), names.setdefault(head.role, head.role), head.round, head.key
    )


def _take_in(places: dict[Slot, list[_Place]], slot: Slot, place: _Place) -> None:
    there = places.setdefault(slot, [])
    if there and slot.round is not None and there[-1].recording < place.recording:
        there.clear()
    there.append(place)


def _in_order(there: list[_Place]) -> list[_Place]:
    """As the calls began; of two lines about one call the later counts."""
    return list({place[:2]: place for place in sorted(there)}.values())

"""Profiles as they were at a place of the journal, whether or not its bot is running."""

import sqlite3
from contextlib import closing
from pathlib import Path

from cockpit.domain.profile_events import ProfileEvent, book_of
from cockpit.domain.profiles import ProfileBook
from cockpit.journal.codec import decode_event
from cockpit.journal.schema import connect_reader, error_of

# In the words of the index that finds them; a journal of an older program has neither.
_PROFILE_EVENTS = (
    "SELECT seq, kind, payload FROM events WHERE kind IN"
    " ('ai_profile_saved', 'ai_profile_removed', 'trader_profile_saved', 'trader_profile_removed')"
    " AND seq <= ? ORDER BY seq"
)
_NO_END = 2**63 - 1


def read_profiles(path: Path, until_seq: int | None = None) -> ProfileBook:
    """All profiles, from the events that changed them; none where there is no journal.

    Args:
        path: The journal's file.
        until_seq: As they were at this place; as they are unless given.

    Raises:
        JournalCorrupt: If an event can't be read.
        JournalUnavailable: If the file can't be.
    """
    if not path.exists():
        return ProfileBook()
    bound = _NO_END if until_seq is None else until_seq
    with closing(connect_reader(path)) as connection:
        try:
            found = connection.execute(_PROFILE_EVENTS, (bound,)).fetchall()
        except sqlite3.Error as error:
            raise error_of(error, path) from error
    return book_of(_profile_event(kind, payload, seq) for seq, kind, payload in found)


def _profile_event(kind: str, payload: str, seq: int) -> ProfileEvent:
    event = decode_event(kind, payload, seq)
    assert isinstance(event, ProfileEvent)
    return event

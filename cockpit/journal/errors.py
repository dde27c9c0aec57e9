"""How the journal and its snapshots can fail, named by what has to be done about it."""

from cockpit.domain.errors import CockpitError


class JournalError(CockpitError):
    """Anything wrong with the journal; the message is one line for people."""


class JournalUnavailable(JournalError):
    """The journal can't be written or read now (disk full, locked, read-only); nothing was written.

    The same call may be made again later.
    """


class JournalCorrupt(JournalError):
    """What is in the file is not what this program wrote."""


class JournalTooNew(JournalError):
    """A newer version of the program made this journal."""


class JournalConflict(JournalError):
    """The events contradict what the journal holds, or another program wrote to it; nothing was written."""


class EventUnwritable(ValueError):
    """An event holds what JSON can't carry back unchanged, such as NaN; nothing was written."""


class UnknownIdent(JournalError):
    """The journal has no such decision, order, fill, trade or run."""

"""A question to a model as its event tells it: word for word, where the read model only has figures."""

from cockpit.domain.decisions import ModelCall
from cockpit.domain.events import KIND_OF, ModelCalled
from cockpit.journal.codec import decode_event


def model_call(payload: bytes | str) -> ModelCall:
    """The call that an event's payload tells of.

    Raises:
        JournalCorrupt: If the payload tells of none.
    """
    event = decode_event(KIND_OF[ModelCalled], payload)
    assert isinstance(event, ModelCalled)
    return event.call

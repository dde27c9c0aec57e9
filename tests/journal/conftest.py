"""A journal on disk, and events to fill it with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.journal.journal import Journal
from tests.journal.event_stream import EventStream


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot" / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal.open(path)
    yield journal
    journal.close()


@pytest.fixture
def stream() -> EventStream:
    return EventStream(agents=4)

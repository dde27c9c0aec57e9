"""Snapshots: the arena's state in a file, so that a start need not read the whole journal.

A snapshot is never the only copy of anything: what it holds is the fold of the journal up to its
place. It is written whole or not at all, and checked when it is read.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count
from pathlib import Path

import msgspec

from cockpit.journal.codec import decode_state, state_shape
from cockpit.journal.errors import JournalCorrupt

SCHEMA = 2
"""Of the document around the state; counted up when the fold gives another state for the same events."""

BACKUPS = 5

_DIGEST_BYTES = 32
_NO_DIGEST = b"0" * (2 * _DIGEST_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The state at one place of the journal.

    Attributes:
        seq: The last event in it.
        run_id: Which run it belongs to.
        state: From `encode_state`.
        agents: What the agents remember, a JSON value whose meaning is the agents' affair.
    """

    seq: int
    run_id: str
    state: bytes
    agents: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSnapshot:
    """What was found on start-up.

    Attributes:
        snapshot: The newest that can be trusted; None if there is none.
        source: The file it came from, relative to the folder; empty if there is none.
        notices: What was passed over and where it lies now, one line each.
    """

    snapshot: Snapshot | None
    source: str
    notices: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """One line for people: what the state came from, and what was passed over."""
        found = "no snapshot"
        if self.snapshot is not None:
            found = f"{self.source} (event {self.snapshot.seq})"
        return "; ".join((found, *self.notices))


class _Document(msgspec.Struct):
    schema: int
    checksum: str
    seq: int
    run_id: str
    shape: str
    state: msgspec.Raw
    agents: msgspec.Raw


class SnapshotInvalid(Exception):
    """What a file holds is no snapshot that this program may go on from."""


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """The file's bytes: one JSON object, whose checksum covers every byte but its own digits.

    Raises:
        SnapshotInvalid: If `state` or `agents` is no JSON.
    """
    run_id = msgspec.json.encode(snapshot.run_id)
    shape = state_shape().encode()
    document = (
        b'{\n"schema": %d,\n"checksum": "%b",\n"seq": %d,\n"run_id": %b,\n"shape": "%b",\n'
        b'"state": %b,\n"agents": %b\n}\n'
        % (SCHEMA, _NO_DIGEST, snapshot.seq, run_id, shape, snapshot.state, snapshot.agents)
    )
    try:
        msgspec.json.decode(document, type=_Document)
    except msgspec.DecodeError as error:
        raise SnapshotInvalid(f"state or agents are no JSON: {error}") from error
    return document.replace(_NO_DIGEST, _digest(document), 1)


def decode_snapshot(data: bytes) -> Snapshot:
    """What `encode_snapshot` was given, if not one bit of it has changed since.

    Raises:
        SnapshotInvalid: If it has, or if another version of the program wrote it.
    """
    try:
        document = msgspec.json.decode(data, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SnapshotInvalid(f"no whole JSON document: {error}") from error
    checksum = document.checksum.encode()
    if checksum != _digest(data.replace(checksum, _NO_DIGEST, 1)):
        raise SnapshotInvalid("the checksum does not fit")
    if document.schema != SCHEMA or document.shape != state_shape():
        raise SnapshotInvalid("another version of the program wrote it")
    try:
        decode_state(bytes(document.state))
    except JournalCorrupt as error:
        raise SnapshotInvalid(str(error)) from error
    return Snapshot(
        seq=document.seq,
        run_id=document.run_id,
        state=bytes(document.state),
        agents=bytes(document.agents),
    )


def _digest(document: bytes) -> bytes:
    return blake2b(document, digest_size=_DIGEST_BYTES).hexdigest().encode()


class SnapshotStore:
    """`state.json` in a bot's folder, and the five before it in `backups/`."""

    def __init__(self, folder: Path, *, backups: int = BACKUPS) -> None:
        """Touches nothing yet.

        Args:
            folder: The bot's.
            backups: How many older snapshots are kept.
        """
        self._folder = folder
        self._path = folder / "state.json"
        self._backups = [folder / "backups" / f"state.{number}.json" for number in range(1, backups + 1)]
        names = [str(path) for path in self._backups]
        self._moves = list(zip(names[-2::-1], names[:0:-1], strict=True))

    def save(self, snapshot: Snapshot) -> None:
        """Replaces `state.json` atomically; the one before it becomes the newest backup.

        Blocks for two syncs to disk: of the file before it gets its name, of the folder after it
        has. At every moment between, `state.json` or the first backup is whole.

        Raises:
            OSError: If it can't be written; the last snapshot is still there.
            SnapshotInvalid: If the snapshot is no JSON.
        """
        document = encode_snapshot(snapshot)
        self._folder.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_name("state.json.tmp")
        with temporary.open("wb") as file:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
        self._rotate()
        temporary.replace(self._path)
        _sync_folder(self._folder)

    def _rotate(self) -> None:
        """Moves each backup one on, and makes `state.json` the newest; it stays where it is as well."""
        if not self._backups:
            return
        newest = self._backups[0]
        with suppress(FileNotFoundError):
            if newest.samefile(self._path):  # the last save came as far as this and no further
                return
        for newer, older in self._moves:
            with suppress(FileNotFoundError):  # fewer saves than backups so far
                os.rename(newer, older)  # noqa: PTH104 - pathlib takes as long again for each
        try:
            self._keep(newest)
        except (
            FileNotFoundError
        ):  # nothing to keep before the first save, nowhere to keep it before the second
            newest.parent.mkdir(exist_ok=True)
            with suppress(FileNotFoundError):
                self._keep(newest)

    def _keep(self, newest: Path) -> None:
        try:
            newest.hardlink_to(self._path)
        except FileNotFoundError:
            raise
        except OSError:  # a file system without hard links
            self._path.replace(newest)

    def newest(self) -> Snapshot | None:
        """What `state.json` holds, if it can be trusted; leaves every file as it is, unlike `load`."""
        try:
            return decode_snapshot(self._path.read_bytes())
        except (OSError, SnapshotInvalid):
            return None

    def load(self) -> LoadedSnapshot:
        """The newest snapshot that can be trusted.

        Files that can't be are renamed, never deleted: `….corrupt-<n>` beside where they lay.
        """
        notices: list[str] = []
        for path in (self._path, *self._backups):
            name = str(path.relative_to(self._folder))
            try:
                snapshot = decode_snapshot(path.read_bytes())
            except FileNotFoundError:
                continue
            except OSError as error:
                notices.append(f"{name} can't be read ({error.strerror})")
            except SnapshotInvalid as error:
                notices.append(f"{name} is not usable ({error}){_set_aside(path)}")
            else:
                return LoadedSnapshot(snapshot=snapshot, source=name, notices=tuple(notices))
        return LoadedSnapshot(snapshot=None, source="", notices=tuple(notices))


def _set_aside(path: Path) -> str:
    """Renames a file to the first free name of its kind; says to which."""
    for number in count(1):
        aside = path.with_name(f"{path.name}.corrupt-{number}")
        if not aside.exists():
            break
    try:
        path.rename(aside)
    except OSError as error:
        return f" and can't be set aside ({error.strerror})"
    return f", set aside as {aside.name}"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

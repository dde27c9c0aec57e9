"""Talking to a bot: what the dashboard and the command line know of it comes through here."""

import ssl
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeAlias, overload
from urllib.parse import quote

import httpx
import msgspec
from httpx_sse import ServerSentEvent, SSEError, aconnect_sse

from cockpit.domain.debates import DebateMessage
from cockpit.domain.errors import NOT_RUNNING, REFUSED, CockpitError
from cockpit.domain.events import Recorded
from cockpit.journal.codec import decode_event, decode_state
from cockpit.journal.errors import JournalCorrupt
from cockpit.trading.state import ArenaState

SILENCE_S = 2.0
"""A stream that is silent for longer belongs to a bot that is gone: it gives a sign every 0.75 s."""

_OUTAGE = "outage"
_WORDS = "words"
_SAID = "said"
_READ_S = 10.0
_CONTROL_S = 20.0
"""The bot answers requests within 15 s, done or not."""

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Never used on a Unix socket, but without it httpx reads all certificates there are: 40 ms."""

Value: TypeAlias = str | int | float | bool
BodyValue: TypeAlias = Value | Sequence[str] | None


class BotUnreachable(CockpitError):
    """No bot answers: it isn't running, went away, or hangs; the message says where it was looked for."""

    exit_code = NOT_RUNNING


class BotRefused(CockpitError):
    """The bot answers, and says no; the message is its own, in one line."""

    exit_code = REFUSED

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class OutageNotice:
    """The journal went out, or came back: passing by, and no part of the journal.

    Attributes:
        reason: Why it can't be written; None: it can again.
    """

    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassingWords:
    """What a model says while it says it: passing by, and no part of the journal.

    Attributes:
        agent: Who asked it.
        role: As what: ``decide``, ``bull`` …
        talk: Counts what was said by anybody; another number is another speech.
        start: Characters of it before `text`; more than were told before where some were left out.
        text: The next of its words, untrusted.
    """

    agent: str
    role: str
    talk: int
    start: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassingMessage:
    """What a role of a debate has said, told at the end of its turn: passing by, and no part of the journal.

    Attributes:
        agent: Who asked it, as in the words before it.
        message: With what it came to; its text is untrusted.
    """

    agent: str
    message: DebateMessage


Passing: TypeAlias = OutageNotice | PassingWords | PassingMessage
"""What goes by beside the events."""


class _EventData(msgspec.Struct):
    ts_ms: int
    run_id: str
    payload: msgspec.Raw


class _OutageData(msgspec.Struct):
    reason: str | None


_event_data = msgspec.json.Decoder(_EventData).decode
_outage_data = msgspec.json.Decoder(_OutageData).decode
_word_data = msgspec.json.Decoder(PassingWords).decode
_said_data = msgspec.json.Decoder(PassingMessage).decode


class BotClient:
    """One bot's control API. Use it as an async context manager.

    All methods raise `BotUnreachable` when nobody answers and `BotRefused` when the bot says no.

    Attributes:
        socket: Where the bot listens.
    """

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self._http = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(socket), verify=_NO_TLS),
            base_url="http://bot",
            timeout=httpx.Timeout(_READ_S, connect=SILENCE_S),
            trust_env=False,
        )

    async def __aenter__(self) -> "BotClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Hangs up."""
        await self._http.aclose()

    async def state(self) -> ArenaState:
        """The arena's whole state, exactly as the bot has it.

        Raises:
            BotRefused: If it is none that this version of the program knows.
        """
        answer = await self._ask("GET", "/state", {}, None)
        try:
            return decode_state(answer.content)
        except JournalCorrupt as error:
            raise _other_version(error) from error

    async def health(self) -> dict[str, Any]:
        """How the bot is."""
        health: dict[str, Any] = await self.get("/health")
        return health

    async def get(self, path: str, **params: Value) -> Any:
        """What the bot says at a path, such as ``get("/orders", limit=10)``."""
        return _json(await self._ask("GET", path, params, None))

    async def post(
        self, path: str, *, params: Mapping[str, Value] | None = None, **body: BodyValue
    ) -> dict[str, Any]:
        """Asks the bot to do something, such as ``post("/kill", flatten=True, by="the dashboard")``.

        Args:
            path: What.
            params: The query's.
            body: The body's fields.

        Returns:
            ``done`` (False: it will be, as soon as the bot can), ``message`` for people, and ``seq``.
        """
        answer: dict[str, Any] = _json(await self._ask("POST", path, params or {}, body))
        return answer

    async def put(self, path: str, **body: BodyValue) -> dict[str, Any]:
        """Puts something in the place of what is there; answered as `post`."""
        answer: dict[str, Any] = _json(await self._ask("PUT", path, {}, body))
        return answer

    async def delete(self, path: str, **params: Value) -> dict[str, Any]:
        """Removes what is there; answered as `post`."""
        answer: dict[str, Any] = _json(await self._ask("DELETE", path, params, None))
        return answer

    async def reset_breaker(self, breaker: str, scope: str, by: str) -> dict[str, Any]:
        """Arms a breaker of an agent, or of the arena, again."""
        return await self.post(f"/breakers/{quote(breaker, safe='')}/reset", params={"scope": scope}, by=by)

    @overload
    def events(
        self, since: int, *, words: Literal[False] = False
    ) -> AsyncGenerator[Recorded | OutageNotice, None]: ...

    @overload
    def events(self, since: int, *, words: Literal[True]) -> AsyncGenerator[Recorded | Passing, None]: ...

    async def events(self, since: int, *, words: bool = False) -> AsyncGenerator[Recorded | Passing, None]:
        """Every event after a place of the journal, then live, on one connection, until the bot goes away.

        Close the iterator when leaving it early (`contextlib.aclosing`).

        Args:
            since: The last event known.
            words: Whether what models say is wanted as well, while they say it, and what roles of debates
                have said.

        Raises:
            BotUnreachable: When the bot goes away, at most about two seconds later.
            BotRefused: If the bot's journal ends before `since` (it is another one now), or the bot speaks
                of something this version of the program does not know.
        """
        timeout = httpx.Timeout(SILENCE_S)
        params = {"since": since, "words": words}
        try:
            async with aconnect_sse(self._http, "GET", "/events", params=params, timeout=timeout) as source:
                if source.response.is_error:
                    await source.response.aread()
                    _refuse_errors(source.response)
                async for message in source.aiter_sse():
                    if message.event:
                        yield _decoded(message)
        except (httpx.HTTPError, SSEError) as error:
            raise self._unreachable(error) from error
        raise BotUnreachable(f"the bot at {self.socket} ended the conversation")

    async def _ask(
        self, method: str, path: str, params: Mapping[str, Value], body: Mapping[str, BodyValue] | None
    ) -> httpx.Response:
        read_s = _READ_S if method == "GET" else _CONTROL_S
        try:
            answer = await self._http.request(
                method,
                path,
                params=params or None,
                json=body,
                timeout=httpx.Timeout(read_s, connect=SILENCE_S),
            )
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        _refuse_errors(answer)
        return answer

    def _unreachable(self, error: Exception) -> BotUnreachable:
        return BotUnreachable(f"no bot answers at {self.socket} ({str(error) or type(error).__name__})")


def _decoded(message: ServerSentEvent) -> Recorded | Passing:
    try:
        if message.event == _WORDS:
            return _word_data(message.data)
        if message.event == _SAID:
            return _said_data(message.data)
        if message.event == _OUTAGE:
            return OutageNotice(_outage_data(message.data).reason)
        data = _event_data(message.data)
        seq = int(message.id)
        return Recorded(seq, data.ts_ms, data.run_id, decode_event(message.event, bytes(data.payload), seq))
    except (msgspec.DecodeError, ValueError, JournalCorrupt) as error:
        raise _other_version(error) from error


def _other_version(error: Exception) -> BotRefused:
    return BotRefused(f"the bot is of another version ({error}): stop it and start it with this one", 200)


def _json(answer: httpx.Response) -> Any:
    try:
        return msgspec.json.decode(answer.content)
    except msgspec.DecodeError as error:
        raise BotRefused(f"the bot's answer is no JSON: {error}", answer.status_code) from error


def _refuse_errors(answer: httpx.Response) -> None:
    if not answer.is_error:
        return
    said = None
    try:
        said = msgspec.json.decode(answer.content, type=dict[str, Any]).get("error")
    except msgspec.DecodeError:
        said = answer.text[:200]  # not ours: uvicorn's own words
    raise BotRefused(str(said or answer.reason_phrase), answer.status_code)

"""How the control API says no: always ``{"error": one line}``."""

import logging
from http import HTTPStatus
from typing import Any, TypeAlias

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from cockpit.daemon.api_models import Problem
from cockpit.daemon.control import ControlRefused
from cockpit.daemon.profile_changes import ProfileUnknown
from cockpit.daemon.request_desk import NotNow
from cockpit.journal.errors import JournalError, UnknownIdent
from cockpit.settings.profile_agents import ProfileInvalid

Responses: TypeAlias = dict[int | str, dict[str, Any]]
"""By status, how a path answers besides doing what it is asked, for the contract."""

NO_JOURNAL: Responses = {503: {"model": Problem, "description": "The journal is out"}}
UNKNOWN: Responses = {404: {"model": Problem, "description": "There is none"}}

_MAX_LINE = 300
_STATUS: dict[type[Exception], HTTPStatus] = {
    ControlRefused: HTTPStatus.CONFLICT,
    UnknownIdent: HTTPStatus.NOT_FOUND,
    ProfileUnknown: HTTPStatus.NOT_FOUND,
    ProfileInvalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotNow: HTTPStatus.SERVICE_UNAVAILABLE,
    JournalError: HTTPStatus.SERVICE_UNAVAILABLE,
}
_LOG = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Makes the app answer every kind of failure in one line."""
    for kind in _STATUS:
        app.add_exception_handler(kind, _known)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)


def problem(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """An answer that says what is wrong."""
    line = " ".join(message.split())[:_MAX_LINE]
    return JSONResponse({"error": line}, status_code=status, headers=headers)


async def _known(request: Request, error: Exception) -> JSONResponse:
    status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
    return problem(status, str(error))


async def _of_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    said: dict[int, str] = {
        HTTPStatus.NOT_FOUND: f"there is nothing at {request.url.path[:100]}",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.url.path[:100]} does not take {request.method[:20]}",
    }
    message = said.get(error.status_code, str(error.detail))
    return problem(error.status_code, message, dict(error.headers or {}))


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part != "body")
    return problem(422, f"{where}: {first['msg']}" if where else first["msg"])


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "the bot met an error it did not expect; its log tells more"
    )

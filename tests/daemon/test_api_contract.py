"""The control API keeps to its contract, whatever it is asked: schemathesis against a real bot, in process.

Requests are made up from the OpenAPI document, as it allows them and as it does not. Every answer is held
against it (status, type, shape), and so is whether what is wrong was refused and what is right was not.
"""

import os
from collections.abc import Iterator

import pytest
import schemathesis
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from hypothesis import Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.python.asgi import shutdown_lifespans
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.types import ASGIApp, Receive, Scope, Send

from cockpit.daemon.bot import Bot
from cockpit.daemon.folder import BotFolder
from cockpit.daemon.routes_control import router as control_router
from cockpit.daemon.routes_debates import router as debates_router
from cockpit.daemon.routes_library import router as library_router
from cockpit.daemon.routes_profiles import router as profiles_router
from cockpit.daemon.routes_read import router as read_router
from cockpit.daemon.server import create_app
from cockpit.settings.resolve import resolve

EXAMPLES = int(os.environ.get("COCKPIT_FUZZ_EXAMPLES", "6"))
"""Of each kind of request to each path, always the same ones; more of them by hand."""

ROUNDS = 10
ANSWER_S = 20.0
STREAM_S = 0.1
"""A stream never ends, and one from a place that was made up has nothing to tell: this is how long it is
listened to."""

FLAGS = {
    "market": {"speed": "max", "symbols": ["BTC", "ETH"]},
    "agents": [{"name": name} for name in ("ema_cross", "buy_and_hold", "random")],
}
ROUTERS = (read_router, library_router, control_router, debates_router, profiles_router)
ROUTES = [route for router in ROUTERS for route in router.routes]
INTERDEPENDENT = [route for route in profiles_router.routes if route.body_field is not None]
"""What one field may be depends on others, which a schema does not say: what it allows may yet be refused."""

ALLOWED = [(GenerationMode.POSITIVE, route) for route in ROUTES]
WRONG = [
    (GenerationMode.NEGATIVE, route)
    for route in ROUTES
    if route.body_field is not None or get_flat_params(route.dependant)  # else there is nothing to be wrong
]


class PlayedBotApp:
    """The API of a bot that has played some rounds; the event loop that serves it opens and closes it."""

    def __init__(self, folder: BotFolder) -> None:
        self._folder = folder
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            assert self._app is not None
            await self._app(scope, receive, send)
            return
        assert (await receive())["type"] == "lifespan.startup"
        bot = await self._played()
        self._app = create_app(bot)
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        await bot.close("the tests are over")
        await send({"type": "lifespan.shutdown.complete"})

    async def _played(self) -> Bot:
        tree = resolve(environment={}, flags=FLAGS).settings
        bot = await Bot.open(self._folder, tree, new=True, run_id="run-1", wall_ms=1_760_000_000_000)

        def look(_: object) -> None:
            if bot.state.rounds_closed >= ROUNDS:
                bot.request_stop(now=False, flatten=False)

        bot.listen(look)
        await bot.run()
        return bot


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BaseSchema]:
    folder = BotFolder(tmp_path_factory.mktemp("contract") / "arena")
    yield schemathesis.openapi.from_asgi("/openapi.json", PlayedBotApp(folder))
    shutdown_lifespans()


def _name(part: GenerationMode | APIRoute) -> str:
    return part.value if isinstance(part, GenerationMode) else part.path


@pytest.mark.parametrize(("mode", "route"), ALLOWED + WRONG, ids=_name)
def test_every_answer_is_one_that_the_contract_tells(
    contract: BaseSchema, mode: GenerationMode, route: APIRoute
) -> None:
    (method,) = route.methods
    timeout_s = STREAM_S if route.path == "/events" else ANSWER_S
    excluded = [positive_data_acceptance] if route in INTERDEPENDENT else []

    @settings(max_examples=EXAMPLES, derandomize=True, phases=[Phase.generate])
    @given(case=contract[route.path][method].as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(timeout=timeout_s, excluded_checks=excluded)

    ask()


def test_every_event_of_the_journal_is_one_that_the_contract_tells(contract: BaseSchema) -> None:
    told: list[str] = []
    since = 0
    while lines := _told_after(contract, since):
        ids = [int(line.removeprefix("id: ")) for line in lines if line.startswith("id: ")]
        assert ids == list(range(since + 1, since + 1 + len(ids)))
        since = ids[-1]
        told += lines
    assert "id: 1" in told
    assert {"event: run_started", "event: order_filled", "event: round_closed"} <= set(told)


def _told_after(contract: BaseSchema, since: int) -> list[str]:
    """The lines of some events after a place, held against the contract; none at the journal's end."""
    case = contract["/events"]["GET"].Case(query={"since": since})
    answer = case.call(timeout=STREAM_S)
    case.validate_response(answer)
    lines: list[str] = answer.text.splitlines()
    return lines if any(line.startswith("id: ") for line in lines) else []


def test_the_contract_has_no_path_that_is_not_tried(contract: BaseSchema) -> None:
    assert set(contract) == {route.path for route in ROUTES}

"""A bot that asks models and gets all kinds of failures; what litellm does besides is written to a file.

Run as a program of its own: ``gateway_process.py OUTPUT``.
"""

import asyncio
import json
import os
import socket
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import cockpit.agents.gateway  # noqa: F401 - what importing it costs is part of the question

AT_IMPORT = sorted({"litellm", "aiohttp", "openai", "httpx", "pydantic"} & set(sys.modules))
ADDRESSES: list[str] = []


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and arguments[0].family != socket.AF_UNIX:
        ADDRESSES.append(str(arguments[1][0]))
    elif event == "socket.getaddrinfo":
        ADDRESSES.append(str(arguments[0]))


async def ask() -> dict[str, Any]:
    from tests.agents.model_desk import MODEL, gateway_to, purpose, request
    from tests.servers import model_server as scripts

    failing = [
        scripts.BROKEN,
        scripts.RATE_LIMITED,
        replace(scripts.BROKEN, status=401),
        replace(scripts.GOOD, breaks_after=2),
        replace(scripts.GOOD, after_words=("data: {nonsense\n\n",)),
        scripts.HANGING,
    ]
    faults = []
    async with scripts.ModelServer() as server:
        gateway = gateway_to(
            server, models=(MODEL, "deepseek/x", "nonsense", "no_such_provider/x"), attempts=2
        )
        for model in (MODEL, "deepseek/x"):
            for scripted in failing:
                server.script(scripted)
                faults.append(
                    await fault(gateway, request(model=model), purpose(0.6 if scripted.hangs else 30.0))
                )
        for model in ("nonsense", "no_such_provider/x"):
            await fault(gateway, request(model=model), purpose())
        for deadline_s in (0.001, 0.003, 0.01):
            await fault(gateway, request(), purpose(deadline_s))
        server.script(scripts.GOOD)
        reply = await gateway.call(request(), purpose())
        await gateway.aclose()
    threads = [thread.name for thread in threading.enumerate()]
    sent = len(server.requests)
    found = {
        "addresses": sorted(set(ADDRESSES)),
        "faults": faults,
        "at_import": AT_IMPORT,
        "threads": threads,
    }
    found |= {"planted": os.environ.get("PLANTED_BY_DOTENV"), "text": reply.text, "requests": sent}
    found["litellm"] = sys.modules["litellm"].__file__
    return found


async def fault(gateway: Any, request: Any, purpose: Any) -> str:
    from cockpit.agents.models.model_call import CallFailed

    try:
        await gateway.call(request, purpose)
    except CallFailed as failed:
        return failed.fault.value
    return "none"


if __name__ == "__main__":
    sys.addaudithook(watch)
    Path(sys.argv[1]).write_text(json.dumps(asyncio.run(ask())))

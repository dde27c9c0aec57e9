"""The scripted provider as a program: ``python -m tests.servers.model_process SLOWEST_S MODELS``."""

import asyncio
import sys

from tests.servers.model_server import GOOD, ModelServer, pausing


async def serve(slowest_s: float, models: int) -> None:
    """Until its input ends; each model ``after-N`` takes a time of its own to answer."""
    async with ModelServer() as server:
        for number in range(models):
            # 7 and any number of models not divisible by it: neighbours answer far apart, as models do.
            rank = (7 * number) % models + 1
            server.script(pausing(GOOD, slowest_s * rank / models), model=f"after-{number}")
        print(server.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), int(sys.argv[2])))

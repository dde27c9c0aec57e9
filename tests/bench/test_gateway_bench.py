"""What asking models costs besides the models: one call, and a round of fifty agents."""

import asyncio
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from time import perf_counter, process_time

import httpx
import pytest

from tests.agents.model_desk import MODEL, gateway_to, purpose, request

pytestmark = pytest.mark.bench

AGENTS = 50
ROUND_LIMIT_MS = 120.0
PROVIDERS = ("deepseek", "groq", "xai", "openrouter", "hosted_vllm")
SLOWEST_S = 1.2
PROMPT = "BTC 104000.5 104010.0 104020.5 " * 300


class Provider:
    """The scripted provider in a process of its own, so that it takes no time of the bot's."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.servers.model_process", str(SLOWEST_S), str(AGENTS)]
        self._process = subprocess.Popen(
            command, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.url = self._process.stdout.readline().strip()

    def close(self) -> None:
        with self._process:  # closes its pipes, at whose end it ends
            pass


@pytest.fixture
def provider():
    provider = Provider()
    yield provider
    provider.close()


async def plain_ms(url: str, repeats: int) -> list[float]:
    """Milliseconds of streamed calls over httpx alone."""
    took = []
    body = {"model": "scripted-1", "stream": True, "messages": [{"role": "user", "content": PROMPT}]}
    async with httpx.AsyncClient() as client:
        for _ in range(repeats):
            began = perf_counter()
            async with client.stream("POST", f"{url}/chat/completions", json=body) as response:
                assert [line async for line in _lines(response)]
            took.append(1_000 * (perf_counter() - began))
    return took


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    async for line in response.aiter_lines():
        if line.startswith("data: {"):
            yield line


@pytest.mark.parametrize("model", [MODEL, "deepseek/scripted-1"])
async def test_a_call_over_plain_http(provider, model, capsys):
    async with aclosing(gateway_to(provider, models=(model,))) as gateway:
        asked = request(model=model, content=PROMPT)
        for _ in range(10):
            await gateway.call(asked, purpose())
        took, began_cpu = [], process_time()
        for _ in range(200):
            began = perf_counter()
            await gateway.call(asked, purpose())
            took.append(1_000 * (perf_counter() - began))
        cpu_ms = 1_000 * (process_time() - began_cpu) / len(took)
    plain = await plain_ms(provider.url, 200)
    with capsys.disabled():
        print(
            f"\na call through the gateway ({model}): median {statistics.median(took):.1f} ms, "
            f"{cpu_ms:.1f} ms of CPU; over plain httpx {statistics.median(plain):.1f} ms; overhead "
            f"{statistics.median(took) - statistics.median(plain):.1f} ms"
        )


async def test_a_round_of_fifty_agents_ends_soon_after_its_slowest_model(provider, capsys):
    models = [f"{PROVIDERS[number % len(PROVIDERS)]}/after-{number}" for number in range(AGENTS)]
    async with aclosing(gateway_to(provider, models=models)) as gateway:
        asked = [request(model=model, content=PROMPT) for model in models]
        await asyncio.gather(*(gateway.call(each, purpose()) for each in asked))
        late = []
        for _ in range(7):
            began = perf_counter()
            replies = await asyncio.gather(*(gateway.call(each, purpose()) for each in asked))
            late.append(1_000 * (perf_counter() - began - SLOWEST_S))
            assert all(reply.cost == 4_000 for reply in replies)
    with capsys.disabled():
        print(
            f"\na round of {AGENTS} agents ends {min(late):.0f} ms after its slowest model at best, "
            f"{statistics.median(late):.0f} ms at the median"
        )
    assert min(late) <= ROUND_LIMIT_MS

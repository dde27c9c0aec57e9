"""How fast recorded calls and whole rounds are replayed, and how fast and small a long tape is in memory.

Run by hand (`pytest -m bench -s tests/bench/test_replay_bench.py`).
"""

import asyncio
import os
import tracemalloc
from pathlib import Path
from time import perf_counter

import msgspec
import pytest

from cockpit.agents.models.call_tape import CallTape
from cockpit.agents.models.model_call import CallFailed, CallPurpose, Message, ModelReply, ModelRequest
from cockpit.agents.models.recorded_call import CallHead, RecordedCall, call_line, header_line
from cockpit.agents.models.recording import RecordingGateway
from cockpit.agents.models.replaying import ReplayingGateway
from cockpit.agents.models.tape_writer import TapeWriter
from cockpit.domain.events import ModelCalled, RoundClosed, RoundOpened
from cockpit.domain.market import Micros
from tests.arena.mind_bot import BUY, events_of, flags, mind, opened, said
from tests.servers.model_server import ModelServer, Scripted

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

ROUNDS = 1_000
LIMIT_ROUNDS_PER_S = 50
LONG_TAPE = int(os.environ.get("COCKPIT_BENCH_CALLS", "100000"))
LOAD_LIMIT_S = 10.0
LOAD_LIMIT_MIB = 100.0
SYSTEM = "You trade perpetual futures. " * 70
SERIES = ", ".join(f"{64_000 + number / 7:.2f}" for number in range(1_100))
REPLY = ModelReply(text="hold " * 300, cost=Micros(700), latency_ms=4_000, raw="{" + "x" * 2_000 + "}")


@pytest.fixture
def told(capsys):
    def tell(line):
        with capsys.disabled():
            print(f"\n  {line}", end="")

    return tell


def asked(number):
    messages = (
        Message(role="system", content=SYSTEM),
        Message(role="user", content=f"{3 * number} minutes since the start.\n{SERIES}"),
    )
    return ModelRequest(model="deepseek/chat", messages=messages, max_tokens=2_000)


def purpose(number):
    return CallPurpose(agent="alice", role="decide", round=number, deadline_s=60.0)


def write_long_tape(path: Path) -> None:
    """As a recording would, but without a wait for the disk at each line."""
    with path.open("wb") as file:
        file.write(header_line())
        for number in range(1, LONG_TAPE + 1):
            request = asked(number)
            head = CallHead(agent="alice", role="decide", round=number, key=request.key(), begun=number)
            file.write(call_line(RecordedCall(call=head, request=request, reply=REPLY)))


def test_a_thousand_rounds_of_one_call(tmp_path, told):
    path = tmp_path / "calls.tape"

    class Model:
        async def call(self, request, why):
            return REPLY

        async def aclose(self):
            pass

    async def rounds(gateway):
        began_s = perf_counter()
        for number in range(1, ROUNDS + 1):
            assert await gateway.call(asked(number), purpose(number)) == REPLY
        rate = ROUNDS / (perf_counter() - began_s)
        await gateway.aclose()
        return rate

    recorded = asyncio.run(rounds(RecordingGateway(Model(), TapeWriter(path))))
    replayed = asyncio.run(rounds(ReplayingGateway(CallTape(path))))
    lines = path.read_bytes().splitlines()[1:]
    began_s = perf_counter()
    for line in lines:
        msgspec.json.decode(line)
    plain = len(lines) / (perf_counter() - began_s)
    size = len("".join(message.content for message in asked(1).messages))
    told(f"{ROUNDS} rounds of one call, prompts of {size:,} characters: {recorded:,.0f} recorded a second")
    told(f"(each on disk first), {replayed:,.0f} replayed a second;")
    told(f"a replay takes {plain / replayed:.1f}× as long as plain decoding of the tape's lines")
    assert replayed >= LIMIT_ROUNDS_PER_S


def test_a_thousand_rounds_of_an_arena(tmp_path, told):
    hold = Scripted(text=said(BTC={"signal": "hold"}))
    script = [Scripted(text=said(BTC=BUY)), *[hold] * 38, Scripted(text=said(BTC={"signal": "close"}))]

    async def record_and_replay():
        async with ModelServer() as server:
            for name in ("fox", "owl"):
                server.script(*(script * (ROUNDS // len(script))), model=name)
            tape = {"recording": str(tmp_path / "calls.jsonl")}
            given = flags(server, [mind("fox"), mind("owl")], rounds=ROUNDS)
            rates = [
                await rounds_per_s(
                    tmp_path / mode / "arena", given | {"models": given["models"] | tape | {"mode": mode}}
                )
                for mode in ("record", "replay")
            ]
        return (*rates, len(server.requests))

    recorded, replayed, requests = asyncio.run(record_and_replay())
    assert requests == len(events_of(tmp_path / "replay/arena", ModelCalled)) == 2 * ROUNDS
    told(f"{ROUNDS} rounds of two agents that ask a model, journal, snapshots and orders included:")
    told(f"{recorded:,.0f} recorded a second, {replayed:,.0f} replayed")
    assert replayed >= LIMIT_ROUNDS_PER_S


async def rounds_per_s(path, given):
    """From the first round to the last, with everything a bot does besides."""
    bot, instants_s = await opened(path, given), []

    def listen(recorded):
        if any(isinstance(each.event, RoundOpened | RoundClosed) for each in recorded):
            instants_s.append(perf_counter())

    bot.listen(listen)
    await bot.run()
    await bot.close("the run is over")
    return (ROUNDS - 1) / (instants_s[-1] - instants_s[0])


def test_a_long_tape(tmp_path, told):
    path = tmp_path / "long.tape"
    write_long_tape(path)
    began_s = perf_counter()
    tape = CallTape(path)
    load_s = perf_counter() - began_s
    assert len(tape) == LONG_TAPE
    gateway = ReplayingGateway(tape)

    async def some():
        began_s = perf_counter()
        for number in range(LONG_TAPE, 0, -LONG_TAPE // ROUNDS):
            await gateway.call(asked(number), purpose(number))
        hits_s = perf_counter() - began_s
        began_s = perf_counter()
        with pytest.raises(CallFailed, match="recorded in that round"):
            await gateway.call(asked(0), purpose(LONG_TAPE // 2))
        return hits_s, perf_counter() - began_s

    hits_s, miss_s = asyncio.run(some())
    tape.close()
    tracemalloc.start()
    CallTape(path).close()
    held_mib = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    told(f"{LONG_TAPE:,} calls, {path.stat().st_size / 2**20:,.0f} MiB: opened in {load_s:.2f} s")
    told(f"with at most {held_mib:.0f} MiB of memory, {ROUNDS / hits_s:,.0f} replayed a second from all")
    told(f"over it, and a miss explained in {miss_s * 1_000:.0f} ms")
    path.unlink()
    assert load_s <= LOAD_LIMIT_S
    assert held_mib <= LOAD_LIMIT_MIB

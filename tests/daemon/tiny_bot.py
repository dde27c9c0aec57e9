"""A process that holds a bot's lock and answers on its socket, as a bot does, in as little as that takes.

Usage: tiny_bot.py FOLDER MANNER, where MANNER is ``good``, ``deaf`` (takes a stop and goes on),
``stubborn`` (the same, and ignores SIGTERM), ``mute`` (runs, and never listens) or ``failing``.
"""

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path

from cockpit.daemon.folder import BotFolder
from cockpit.daemon.lock import AlreadyRunning, BotLock, remove_pid, write_pid


async def serve(folder: BotFolder, manner: str) -> None:
    stopping = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"(?i)content-length: (\d+)", head)
        await reader.readexactly(int(length[1]) if length else 0)
        body = json.dumps({"pid": os.getpid(), "message": "the bot ends"}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        if head.startswith("POST /stop") and manner == "good":
            stopping.set()

    if manner == "mute":
        await asyncio.sleep(60)
    folder.socket.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(answer, folder.socket)
    print("tiny bot serves from", Path.cwd(), flush=True)
    await stopping.wait()
    server.close()
    folder.socket.unlink()


def main() -> int:
    folder, manner = BotFolder(Path(sys.argv[1])), sys.argv[2]
    if manner == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if manner == "failing":
        print("cockpit: market.kind: 'moon' is no market\n", file=sys.stderr)
        return 2
    try:
        with BotLock(folder):
            write_pid(folder)
            asyncio.run(serve(folder, manner))
            remove_pid(folder)
    except AlreadyRunning as error:
        print(error, file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())

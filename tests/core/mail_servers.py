"""Mail servers that tests send to: one that refuses, and a real one, as small as can be."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class Refusing(BaseEmailBackend):
    """As a mail server that hangs up."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Take nothing."""
        raise ConnectionResetError("gone")


@contextmanager
def smtp_server(port: int) -> Iterator[list[str]]:
    """A server that speaks SMTP on loopback; yields what it has taken."""
    taken: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(text: str) -> None:
            writer.write(f"{text}\r\n".encode())

        say("220 tests")
        while line := (await reader.readline()).decode().strip().upper():
            if line == "QUIT":
                say("221 bye")
                break
            if line == "DATA":
                say("354 go on")
                taken.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            say("250 ok")
        writer.close()

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(talk, "127.0.0.1", port))
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield taken
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

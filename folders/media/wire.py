"""Messages between a decoder and the process that uses it: a JSON object, then files.

Nothing is pickled: whoever broke a decoder open by a forged file could otherwise run code here.
"""

import json
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any


class Channel:
    """One end of the line."""

    def __init__(self, descriptor: int) -> None:
        self._connection = Connection(descriptor)

    def send(self, message: dict[str, Any], files: Sequence[bytes] = ()) -> None:
        """Send a message and files with it.

        Raises:
            OSError: the other end is gone.
        """
        head = json.dumps({"message": message, "files": len(files)})
        self._connection.send_bytes(head.encode())
        for file in files:
            self._connection.send_bytes(file)

    def receive(self) -> tuple[dict[str, Any], list[bytes]]:
        """Wait for the next message.

        Raises:
            EOFError, OSError: the other end is gone.
        """
        head = json.loads(self._connection.recv_bytes())
        return head["message"], [self._connection.recv_bytes() for _ in range(head["files"])]

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

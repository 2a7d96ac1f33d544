"""The server's side of the WebSocket protocol (RFC 6455), as little of it as Socket Mode uses.

Written by hand because it is one page: no extensions, no fragments going out, no TLS.
"""

import base64
import contextlib
import hashlib
import socket
import struct
import threading
from io import BufferedIOBase

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


def accept_key(key: str) -> str:
    """The proof, for the handshake, that this server speaks the protocol."""
    return base64.b64encode(hashlib.sha1((key + GUID).encode("ascii")).digest()).decode("ascii")  # noqa: S324


class WebSocket:
    """One open connection. `receive` belongs to one thread, everything else to any."""

    def __init__(self, reader: BufferedIOBase, connection: socket.socket) -> None:
        self._reader = reader
        self._socket = connection
        self._sending = threading.Lock()
        self._resetting = False
        self.is_frozen = False
        """True: swallows what comes and sends nothing, as a peer behind a cut cable."""
        self.pings = 0
        self.pongs = 0

    def send_text(self, text: str) -> None:
        """Sends one message."""
        self._send(TEXT, text.encode("utf-8"))

    def send_ping(self, payload: bytes = b"") -> None:
        """Asks the client for a pong."""
        self._send(PING, payload)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Says goodbye by a close frame, then closes."""
        with contextlib.suppress(OSError):
            self._send(CLOSE, struct.pack("!H", code) + reason.encode("utf-8"))
        self.hang_up()

    def hang_up(self) -> None:
        """Closes without a word."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Breaks the connection as a crashed peer would: the client's next read fails with ECONNRESET."""
        with contextlib.suppress(OSError):
            # Zero seconds of lingering turn the coming close into a TCP reset. A close would not wake the
            # thread that is reading, so that one is woken first, and then closes by `finish`.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._resetting = True
            self._socket.shutdown(socket.SHUT_RD)

    def finish(self) -> None:
        """Called by the reading thread when `receive` has returned None."""
        if self._resetting:
            socket.close(self._socket.detach())

    def receive(self) -> str | None:
        """The next text message; None once the connection is closed. Pings are answered on the way."""
        parts: list[bytes] = []
        while True:
            try:
                final, opcode, payload = self._read_frame()
            except (OSError, ValueError, struct.error):
                return None
            if opcode == CLOSE:
                with contextlib.suppress(OSError):
                    self._send(CLOSE, payload)
                return None
            if opcode == PING:
                self.pings += 1
                with contextlib.suppress(OSError):
                    self._send(PONG, payload)
            elif opcode == PONG:
                self.pongs += 1
            elif not self.is_frozen:
                parts.append(payload)
                if final:
                    return b"".join(parts).decode("utf-8", "replace")

    def _read_frame(self) -> tuple[bool, int, bytes]:
        first, second = self._read(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._read(8))
        if not second & 0x80:
            raise ValueError("a client must mask its frames")
        mask = self._read(4)
        masked = self._read(length)
        repeated = (mask * (length // 4 + 1))[:length]
        number = int.from_bytes(masked, "big") ^ int.from_bytes(repeated, "big")
        return bool(first & 0x80), first & 0x0F, number.to_bytes(length, "big")

    def _read(self, size: int) -> bytes:
        data = self._reader.read(size)
        if len(data) < size:
            raise ConnectionError("the client has gone")
        return data

    def _send(self, opcode: int, payload: bytes) -> None:
        if self.is_frozen:
            return
        size = len(payload)
        if size < 126:
            header = struct.pack("!BB", 0x80 | opcode, size)
        elif size < 65_536:
            header = struct.pack("!BBH", 0x80 | opcode, 126, size)
        else:
            header = struct.pack("!BBQ", 0x80 | opcode, 127, size)
        with self._sending:
            self._socket.sendall(header + payload)

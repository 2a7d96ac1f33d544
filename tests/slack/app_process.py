"""The real program in a process of its own, as a test starts, kills and restarts it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

REPOSITORY = Path(__file__).resolve().parents[2]
SERVE = ("-m", "bot", "serve")
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV")


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class AppProcess:
    """One app process. Its environment is what is given and nothing else of this one's settings.

    with AppProcess(server.environment() | {"ROLECALL_DB": str(path)}) as app:
        server.deliver_http(app.events_url, payload)
    """

    def __init__(
        self,
        environment: dict[str, str],
        *,
        command: tuple[str, ...] = SERVE,
        arguments: tuple[str, ...] = (),
        port: int | None = None,
        ready_within: float = 20.0,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.events_url = f"{self.url}/slack/events"
        self._command = [sys.executable, *command, "--port", str(self.port), *arguments]
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self._environment = {
            **inherited,
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(REPOSITORY),
            # A proxy between the app and a server on this machine would only be in the way.
            "NO_PROXY": "127.0.0.1,localhost",
            **environment,
        }
        self._ready_within = ready_within
        self._process: subprocess.Popen[bytes] | None = None
        self._output: list[bytes] = []
        self._reader: threading.Thread | None = None

    @property
    def output(self) -> str:
        """All that the program wrote, on both streams, over all its starts."""
        return b"".join(self._output).decode("utf-8", "replace")

    @property
    def pid(self) -> int:
        """Of the running program."""
        assert self._process is not None, "the app was not started"
        return self._process.pid

    def start(self, *, wait: bool = True) -> Self:
        """Starts the program and waits until it says that it is ready."""
        assert self._process is None, "the app runs already"
        self._process = subprocess.Popen(
            self._command,
            cwd=REPOSITORY,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        if wait:
            self.wait_until_ready()
        return self

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._output.append(line)

    def wait_until_ready(self) -> None:
        """Until `GET /readyz` answers 200."""
        deadline = time.monotonic() + self._ready_within
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                status = self.wait() if self._process else None
                raise AssertionError(f"the app ended with status {status} before it was ready:\n{self.output}")
            if self.get("/readyz")[0] == 200:
                return
            time.sleep(0.02)
        output = self.output
        self.kill()
        raise AssertionError(f"the app was not ready within {self._ready_within} s:\n{output}")

    def get(self, path: str) -> tuple[int | None, str]:
        """Status and body of a GET request to the app; no status where nobody listens."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=2) as answer:  # noqa: S310
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode("utf-8", "replace")
        except OSError:
            return None, ""

    def kill(self) -> None:
        """SIGKILL: no handler of the program's runs."""
        if self._process is not None:
            self._process.kill()
            self.wait()

    def terminate(self, timeout: float = 10.0) -> int:
        """SIGTERM, as a container's engine sends it; returns the exit status."""
        assert self._process is not None, "the app was not started"
        self._process.send_signal(signal.SIGTERM)
        return self.wait(timeout)

    def wait(self, timeout: float = 10.0) -> int:
        """Until the program has ended; returns its exit status."""
        assert self._process is not None, "the app was not started"
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"the app did not end within {timeout} s:\n{self.output}") from None
        if self._reader is not None:
            self._reader.join(5)
        self._process = None
        return status

    def restart(self) -> Self:
        """Kills the program and starts it again, same port, same settings, same database."""
        self.kill()
        return self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.kill()

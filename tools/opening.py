"""Open a lesson on a Jupyter server as JupyterLab in a browser does: page, notebook, kernel.

Used by what measures how soon a newcomer is there: `benchmarks/first_lesson.py` and
`tools/replay_binder.py`. It asks the server over HTTP and needs no browser.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import websocket

PATIENCE = 900  # seconds until a server that does not answer is given up


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """A Jupyter server on loopback, running or about to."""

    port: int = field(default_factory=free_port)
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    process: subprocess.Popen | None = None
    log: Path | None = None

    @property
    def flags(self) -> list[str]:
        """What JupyterLab must be started with to be this server."""
        return [
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--port={self.port}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self.token}",
        ]

    def ask(self, path: str, data: dict | None = None, method: str | None = None) -> str:
        """The server's answer to a request.

        Raises
        ------
        urllib.error.URLError
            It does not answer, or refuses.
        """
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/{path}",
            None if data is None else json.dumps(data).encode(),
            {"Authorization": f"token {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.read().decode("utf-8")

    def wait(self) -> None:
        """Wait until the server answers.

        Raises
        ------
        RuntimeError
            Its process ended, or it did not answer for `PATIENCE` seconds: with its last words.
        """
        limit = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < limit:
            with contextlib.suppress(OSError):
                self.ask("api/status")
                return
            time.sleep(0.2)
        raise RuntimeError(f"no Jupyter server came up:\n{self.log.read_text()[-3000:]}")

    def open(self, notebook: str) -> str:
        """Open a notebook: its page, its contents, a kernel that answers; gives the kernel."""
        assert "jupyter-config-data" in self.ask(f"lab/tree/{notebook}")
        contents = json.loads(self.ask(f"api/contents/{notebook}"))
        assert contents["type"] == "notebook" and contents["content"]["cells"]
        wanted = {"name": contents["content"]["metadata"]["kernelspec"]["name"]}
        session = {"path": notebook, "name": notebook, "type": "notebook", "kernel": wanted}
        kernel = json.loads(self.ask("api/sessions", session))["kernel"]["id"]
        self.greet(kernel)
        return kernel

    def greet(self, kernel: str) -> None:
        """Ask a kernel who it is, and wait for its answer."""
        channels = f"ws://127.0.0.1:{self.port}/api/kernels/{kernel}/channels"
        header = {"Authorization": f"token {self.token}"}
        link = websocket.create_connection(channels, timeout=120, header=header)
        about = {"msg_id": uuid.uuid4().hex, "session": uuid.uuid4().hex, "username": ""}
        about |= {"msg_type": "kernel_info_request", "version": "5.3", "date": ""}
        message = {"header": about, "parent_header": {}, "metadata": {}, "content": {}}
        link.send(json.dumps(message | {"channel": "shell", "buffers": []}))
        while json.loads(link.recv())["header"]["msg_type"] != "kernel_info_reply":
            pass
        link.close()


@contextmanager
def serving(command: list[str], folder: Path, log: Path, server: Server) -> Iterator[Server]:
    """Run a command that starts the server, with nothing of this environment's Python in it."""
    private = {"VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "UNET_TEACH_DATA"}
    environment = {name: value for name, value in os.environ.items() if name not in private}
    # JupyterLab's own memory of the last session would open something else.
    environment["JUPYTER_CONFIG_DIR"] = str(log.parent / "jupyter")
    with open(log, "w") as words:
        server.log, server.process = log, subprocess.Popen(
            command, cwd=folder, env=environment, stdout=words, stderr=words,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            server.ask("api/shutdown", method="POST")
        try:
            server.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(server.process.pid, signal.SIGKILL)
            server.process.wait()

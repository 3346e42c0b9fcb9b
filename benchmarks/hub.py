"""A JupyterHub on loopback with invented students, real servers and real kernels.

Used by `classroom.py`. The hub is driven through its own API, as a browser would drive it.
Linux only: what a process holds in memory is read from ``/proc``.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import uuid
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

# What a browser asks a server for when it opens a lesson; the server grows by it.
PAGES = (
    "lab", "lab/api/settings", "lab/api/translations/", "api/contents", "api/kernelspecs",
    "api/nbconvert", "api/contents/07_build_unet.ipynb?content=1",
)  # fmt: skip
CONFIG = Path(__file__).parents[1] / "deploy" / "jupyterhub" / "trial_config.py"


def memory(pid: int) -> dict[str, int]:
    """RSS, PSS, private and highest RSS so far of a process, in MB of 1024² bytes."""
    kilobytes = {}
    for file in ("smaps_rollup", "status"):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.endswith(" kB"):
                name, value = line.removesuffix(" kB").split(":")
                kilobytes[name] = int(value)
    private = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    found = {"rss": kilobytes["Rss"], "pss": kilobytes["Pss"], "private": private}
    found |= {"highest": kilobytes["VmHWM"], "data": kilobytes["VmData"]}
    return {name: round(value / 1024) for name, value in found.items()}


def processes(word: str) -> list[int]:
    """The processes whose command holds a word."""
    found = []
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            if folder.name.isdigit() and word in (folder / "cmdline").read_text():
                found.append(int(folder.name))
    return found


def parent(pid: int) -> int:
    """The process that started this one."""
    return int(re.search(r"^PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)[1])


class Hub:
    """A hub that runs, and its API."""

    def __init__(self, port: int, token: str, process: subprocess.Popen):
        self.address, self.token = f"http://127.0.0.1:{port}", token
        self.pid = process.pid

    def proxy(self) -> list[int]:
        """The proxy's process, which stands before all servers."""
        return [pid for pid in processes("configurable-http-proxy") if parent(pid) == self.pid]

    async def ask(self, method: str, path: str, body: object = None) -> object:
        """One request, at the hub or at a student's server behind it."""
        answer = await AsyncHTTPClient().fetch(
            self.address + path, method=method, request_timeout=120,
            headers={"Authorization": f"token {self.token}"},
            body=None if method == "GET" else json.dumps(body or {}),
            allow_nonstandard_methods=True,
        )  # fmt: skip
        is_json = "json" in answer.headers.get("Content-Type", "")
        return json.loads(answer.body) if is_json and answer.body else answer.body


def free_ports() -> int:
    """The first of three ports in a row that nobody uses."""
    for port in range(8100, 9000, 3):
        with suppress(OSError), ExitStack() as taken:
            for offset in range(3):
                probe = taken.enter_context(socket.socket())
                probe.bind(("127.0.0.1", port + offset))
            return port
    raise RuntimeError("no three free ports in a row from 8100 to 9000")


@asynccontextmanager
async def hub(folder: str):
    """The trial's hub, until the block ends."""
    port = free_ports()
    token = secrets.token_hex(16)
    trial = {"TRIAL_FOLDER": folder, "TRIAL_PORT": str(port), "TRIAL_TOKEN": token}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with open(f"{folder}/hub.log", "w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(CONFIG)],
            stdout=log, stderr=log, cwd=folder,
            env={**os.environ, **trial, "PATH": path, "UNET_TEACH_STRICT": "1"},
        )  # fmt: skip
    running = Hub(port, token, process)
    try:
        for _try in range(60):
            with suppress(OSError, Exception):
                await running.ask("GET", "/hub/api/users")
                break
            await asyncio.sleep(0.5)
        else:
            raise RuntimeError(f"no hub: {Path(folder, 'hub.log').read_text()[-2000:]}")
        yield running
    finally:
        process.terminate()  # takes proxy and servers with it
        process.wait(30)


class Student:
    """One student: a server of her own, and one kernel at a time."""

    def __init__(self, hub: Hub, name: str):
        self.hub, self.name, self.kernel = hub, name, "none"

    async def arrive(self) -> None:
        """Start her server."""
        await self.hub.ask("POST", f"/hub/api/users/{self.name}")
        await self.hub.ask("POST", f"/hub/api/users/{self.name}/server")
        for _try in range(240):
            user = await self.hub.ask("GET", f"/hub/api/users/{self.name}")
            if user["server"]:
                return
            await asyncio.sleep(0.5)
        raise RuntimeError(f"the server of {self.name} does not start")

    async def open(self) -> None:
        """A fresh kernel."""
        for page in PAGES:
            await self.hub.ask("GET", f"/user/{self.name}/{page}")
        kernel = await self.hub.ask("POST", f"/user/{self.name}/api/kernels")
        self.kernel = kernel["id"]
        address = self.hub.address.replace("http", "ws") + f"/user/{self.name}/api/kernels"
        headers = {"Authorization": f"token {self.hub.token}"}
        request = HTTPRequest(f"{address}/{self.kernel}/channels", headers=headers)
        self.channels = await websocket_connect(request, max_message_size=2**28)
        await self.run("0")
        (self.pid,) = processes(f"kernel-{self.kernel}")
        self.server = parent(self.pid)

    async def close(self) -> None:
        """End the kernel; the server stays."""
        self.channels.close()
        await self.hub.ask("DELETE", f"/user/{self.name}/api/kernels/{self.kernel}")

    async def run(self, code: str) -> None:
        """Run a cell to its end."""
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": "execute_request", "version": "5.3"}
        header |= {"username": self.name, "session": self.name, "date": ""}
        content = {"code": code, "silent": False, "store_history": True}
        content |= {"user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        await self.channels.write_message(json.dumps({**message, "channel": "shell"}))
        while True:
            said = await asyncio.wait_for(self.channels.read_message(), 300)
            if isinstance(said, bytes):  # an interactive's arrays: no word about the cell
                continue
            answer = json.loads(said)
            if answer["parent_header"].get("msg_id") != number:
                continue
            if answer["msg_type"] == "error":
                raise RuntimeError(f"{code[:60]!r}: {answer['content']['evalue']}")
            if answer["content"].get("execution_state") == "idle":
                return

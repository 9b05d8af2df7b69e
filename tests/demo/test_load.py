"""Many users at once: 50 requests from 8 clients, one gives up; right answers, bounded memory, nothing left."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from gradio_client import Client

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
WORDS = ["Hello", "Mother", "Father", "Help", "Eat", "Drink", "House", "School", "Friend", "Book"]
REQUESTS = 50
CLIENTS = 8
GROWTH = 150_000
"""Kilobytes that the server may take more after the second half of the requests than after the first."""


class Server:
    def __init__(self, temporary: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = os.environ | {"TMPDIR": str(temporary), "OMP_NUM_THREADS": "1"}
        environment.pop("GRADIO_TEMP_DIR", None)
        command = [sys.executable, "demo/app.py", "--port", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment)
        self.address = f"http://127.0.0.1:{self.port}/"
        for _ in range(1200):
            assert self.process.poll() is None
            try:
                urllib.request.urlopen(self.address, timeout=2).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the page did not come up")

    def client(self) -> Client:
        """One that waits: the server is meant to be busy."""
        return Client(self.address, verbose=False, httpx_kwargs={"timeout": 600})

    def kilobytes(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    made = Server(temporary)
    yield made
    made.process.terminate()
    made.process.wait(60)
    assert list(temporary.iterdir()) == []


def test_fifty_requests_from_eight_clients(server: Server) -> None:
    def ask(number: int) -> tuple[str, str]:
        text = f"{WORDS[number % len(WORDS)]} {number % 7 + 1}."
        client = server.client()
        return text, str(client.predict(text, "ase", 1.5, api_name="/generate")[2]["text"])

    def half(numbers: range) -> int:
        with ThreadPoolExecutor(CLIENTS) as pool:
            for text, answer in pool.map(ask, numbers):
                assert text == answer
        return server.kilobytes()

    half(range(8))  # what is read once: dictionaries, weights, the body
    first = half(range(REQUESTS // 2))
    impatient = server.client().submit("Help me, please.", "ase", 0.5, api_name="/generate")
    impatient.cancel()
    second = half(range(REQUESTS // 2, REQUESTS))
    assert second - first < GROWTH

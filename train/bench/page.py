"""The page: seconds from the command to the first answer of the server, and from the click to a moving picture."""

import argparse
import json
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from train.bench import page_view
from train.bench.report import ROOT, Figure, Report

ABOUT = "python demo/app.py until the page answers; in Chromium, its weight and the time from click to moving picture"

PATIENCE = 120
"""Seconds after which a start is given up."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=3, help="starts that are measured (default %(default)s)")


def measure(options: argparse.Namespace) -> Report:
    starts, view = [], []
    for number in range(options.rounds):
        with _served() as (port, seconds):
            starts.append(seconds)
            if number == options.rounds - 1:
                _sign_something(port)
                view = page_view.figures(f"http://127.0.0.1:{port}/")
    up = Figure("page up", statistics.median(starts), "s", at_most=10.0)
    return Report("page", [up, *view], {"rounds": options.rounds, "sentences": len(page_view.SENTENCES)})


@contextmanager
def _served() -> Iterator[tuple[int, float]]:
    """Starts the page; gives its port and the seconds it took, and ends it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = time.perf_counter()
    command = [sys.executable, "demo/app.py", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as server:
        try:
            while not _answers(port):
                if server.poll() is not None or time.perf_counter() - start > PATIENCE:
                    raise SystemExit(
                        f"The page did not come up within {PATIENCE} s; run python demo/app.py to see why."
                    )
                time.sleep(0.05)
            yield port, time.perf_counter() - start
        finally:
            server.terminate()


def _sign_something(port: int) -> None:
    """Has another text signed first, so that a server that runs is measured, not one that is still reading weights."""
    address = f"http://127.0.0.1:{port}/gradio_api/call"
    order = json.dumps({"text": "Good morning.", "language": "ase"}).encode()
    asked = urllib.request.Request(f"{address}/v2/generate", order, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
        event = json.load(answer)["event_id"]
    with urllib.request.urlopen(f"{address}/generate/{event}", timeout=PATIENCE) as answer:
        if b"event: complete" not in answer.read():
            raise SystemExit("The page signs nothing; run python demo/app.py to see why.")


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False

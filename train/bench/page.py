"""The page: seconds from the command to the first answer of the server."""

import argparse
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request

from train.bench.report import ROOT, Figure, Report

ABOUT = "python demo/app.py until the page answers"

PATIENCE = 120
"""Seconds after which a start is given up."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=3, help="starts that are measured (default %(default)s)")


def measure(options: argparse.Namespace) -> Report:
    starts = [_start_once() for _ in range(options.rounds)]
    return Report("page", [Figure("page up", statistics.median(starts), "s", at_most=10.0)], {"rounds": options.rounds})


def _start_once() -> float:
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
            return time.perf_counter() - start
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False

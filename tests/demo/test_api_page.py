"""The page /api tells of every endpoint, and every program it shows runs against the server as it is written."""

import ast
import contextlib
import io
import json
import re
import shutil
import subprocess
from html import unescape
from typing import Any

import httpx
import pytest

ENDPOINTS = ("/generate", "/look_up", "/languages")
EXPECTED = {"/generate": "HELLO", "/look_up": "hamflathand", "/languages": "American Sign Language"}
"""What the result of each program has in it."""


@pytest.fixture(scope="module")
def page(address: str) -> str:
    return httpx.get(f"{address}api").text


@pytest.fixture(scope="module")
def named(address: str) -> dict[str, Any]:
    return dict(httpx.get(f"{address}gradio_api/info").json()["named_endpoints"])


def section(page: str, name: str) -> str:
    found = re.search(rf'<section id="{name[1:]}">.*?</section>', page, re.DOTALL)
    assert found
    return found[0]


def program(page: str, name: str, kind: str) -> str:
    found = re.search(rf"<code data-language='{kind}'>(.*?)</code>", section(page, name), re.DOTALL)
    assert found
    return unescape(found[1])


def test_it_names_every_endpoint_and_every_argument(page: str, named: dict[str, Any]) -> None:
    assert set(named) == set(ENDPOINTS) == {f"/{name}" for name in re.findall(r'<section id="(\w+)"', page)}
    for name, facts in named.items():
        told = section(page, name)
        assert unescape(told).count(facts["description"]) == 1
        for row in facts["parameters"]:
            assert f"<code>{row['parameter_name']}</code>" in told
        assert "<td></td>" not in told


def test_it_is_what_the_openapi_description_says(address: str, named: dict[str, Any]) -> None:
    paths = httpx.get(f"{address}gradio_api/openapi.json").json()["paths"]
    for name, facts in named.items():
        body = paths[f"/gradio_api/call/v2{name}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert set(body["properties"]) == {row["parameter_name"] for row in facts["parameters"]}
        assert f"/gradio_api/call{name}/{{event_id}}" in paths


@pytest.mark.parametrize("name", ENDPOINTS)
def test_the_python_program_runs(page: str, name: str) -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(program(page, name, "python"), {})
    printed = out.getvalue()
    assert EXPECTED[name] in printed
    ast.literal_eval(printed[printed.index("\n") + 1 :])  # after the client's word about what it has loaded


@pytest.mark.parametrize("name", ENDPOINTS)
@pytest.mark.parametrize(("kind", "command"), [("javascript", "node"), ("shell", "bash")])
def test_the_other_programs_run(page: str, name: str, kind: str, command: str) -> None:
    flags = {"node": ["--input-type=module", "-e"], "bash": ["-c"]}[command]
    if kind == "shell" and shutil.which("curl") is None:
        pytest.skip("curl is not here")
    run = subprocess.run(
        [command, *flags, program(page, name, kind)], capture_output=True, text=True, timeout=120, check=True
    )
    assert EXPECTED[name] in run.stdout
    if kind == "shell":
        assert json.loads(run.stdout.split("event: complete\ndata: ")[1])


def test_a_wrong_call_is_the_callers_mistake(address: str) -> None:
    calls = f"{address}gradio_api/call/v2"
    assert httpx.post(f"{calls}/nothing", json={}).status_code == 404
    for given in ({}, {"text": "Hello", "colour": "red"}):
        answer = httpx.post(f"{calls}/look_up", json=given)
        assert answer.status_code == 422
        assert "/api" in answer.json()["detail"]

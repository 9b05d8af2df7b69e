"""What somebody who means harm, or a broken client, can send: each is refused, and the page lives on."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
SECRETS = ("root:x:0:0", "[build-system]", "argparse", "Traceback", "/site-packages/", f"{ROOT}/")

PATHS = [
    "gradio_api/file=/etc/passwd",
    "gradio_api/file=pyproject.toml",
    "gradio_api/file=../../../../etc/passwd",
    "gradio_api/file=%2Fetc%2Fpasswd",
    "gradio_api/file=http://127.0.0.1:1/",  # the file route as a proxy (fixed in gradio 6.20)
    "gradio_api/file=//example.org/x",
    "file=/etc/passwd",
    "gradio_api/proxy=http://example.org/",
    "gradio_api/proxy=http://169.254.169.254/latest/meta-data/",
    "proxy=http://example.org/",
    "gradio_api/monitoring/summary",
    "monitoring",
    "static/../../../../etc/passwd",
    "assets/..%2f..%2f..%2fetc/passwd",
    "player/../app.py",
    "player/%2e%2e/app.py",
    "player/..%5capp.py",
    "results/../pyproject.toml",
    "results/x/..%2f..%2fpyproject.toml",
    "results/" + "0" * 32 + "/signing.glb",
    "results/%00/signing.glb",
    "svg/../../etc/passwd",
    "gradio_api/file=C:%5CWindows%5Cwin.ini",  # read on Windows (fixed in gradio 6.7)
    "gradio_api/file%5C..%5Cpyproject.toml",
    "gradio_api/component_server",
    "gradio_api/custom_component/1/client/component/../app.py",
    "gradio_api/deep_link?session_hash=x",
    "?deep_link=../../x",
    "config?deep_link=../../x",
    "gradio_api/dev/reload",
    "gradio_api/runs",
    "gradio_api/run-history/records",
    "gradio_api/profiling/traces",
    "gradio_api/vibe-code",
    "gradio_api/stream/x/1/2/playlist.m3u8",
]
"""Addresses that are no longer gradio's, or that this page does not need of it: see demo/doorkeeper.py."""


@pytest.fixture(scope="module")
def web(address: str) -> Any:
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client


def alive(web: httpx.Client) -> bool:
    return httpx.get(web.base_url, timeout=60).status_code == 200  # a new connection: the old one may be broken off


@pytest.mark.parametrize("path", PATHS)
def test_no_address_gives_away_a_file_or_fetches_another_host(web: httpx.Client, path: str) -> None:
    answer = web.get(path, follow_redirects=False)
    assert answer.status_code in (307, 400, 403, 404, 405, 422)
    assert not any(secret in answer.text for secret in SECRETS)


@pytest.mark.parametrize(
    "path", ["logout?_target_url=//evil.example", "login?next=//evil.example", "?__theme=//evil.example"]
)
def test_nobody_is_sent_to_another_host(web: httpx.Client, path: str) -> None:
    place = web.get(path, follow_redirects=False).headers.get("location", "")
    assert "evil.example" not in place


def test_uploads_are_small_and_never_shown_as_a_page(web: httpx.Client) -> None:
    large = web.post("gradio_api/upload", files={"files": ("a.txt", b"x" * 1_500_000)})
    assert large.status_code == 413
    small = web.post("gradio_api/upload", files={"files": ("../../a.html", b"<script>alert(1)</script>")})
    for place in small.json() if small.status_code == 200 else []:
        assert ".." not in place
        served = web.get(f"gradio_api/file={place}")
        assert served.headers["content-disposition"].startswith("attachment")


JSON = {"Content-Type": "application/json"}
POSTS = ("component_server", "process_recording", "vibe-edit", "stream/x", "run/generate", "api/generate",
         "run/nothing", "api/nothing", "call/nothing", "call/v2/nothing")  # fmt: skip


@pytest.mark.parametrize("path", POSTS)
def test_what_the_page_does_not_need_is_closed_and_nobody_skips_the_queue(web: httpx.Client, path: str) -> None:
    assert web.post(f"gradio_api/{path}", json={"data": ["Hello.", "ase", 1.0]}).status_code == 404


def test_a_request_has_a_bounded_length(web: httpx.Client) -> None:
    files = [("files", (f"{n}.txt", b"x" * 900_000)) for n in range(5)]
    assert web.post("gradio_api/upload", files=files).status_code == 413
    long = json.dumps({"data": ["x" * 5_000_000, "ase"]}).encode()
    assert web.post("gradio_api/call/generate", content=long, headers=JSON).status_code == 413
    assert web.post("gradio_api/call/generate", content=iter([long]), headers=JSON).status_code == 411
    assert web.post("mcp", content=long, headers=JSON).status_code == 413


def test_what_is_not_there_is_said_to_be_missing_is_said_to_be_missing(web: httpx.Client) -> None:
    for place in ("call/generate", "call/v2/look_up"):
        assert web.get(f"gradio_api/{place}/0123456789").status_code == 404
    order = {"data": [], "fn_index": 9999, "session_hash": "nobody"}
    assert web.post("gradio_api/queue/join", json=order).status_code == 404


def test_what_gradio_has_on_by_default_is_off(web: httpx.Client) -> None:
    config = web.get("config").json()
    off = ("analytics_enabled", "run_history", "vibe_mode", "dev_mode", "show_error", "mcp_server", "pwa")
    assert {name: config[name] for name in off} == dict.fromkeys(off, False)
    assert config["max_file_size"] <= 2**20
    kinds = {component["type"] for component in config["components"]}
    assert not kinds & {"deeplinkbutton", "fileexplorer", "loginbutton", "image", "audio", "video"}
    named = web.get("gradio_api/info").json()["named_endpoints"]
    assert set(named) == {"/generate", "/look_up", "/languages"}  # examples fill in fields, none is rendered for them


@pytest.mark.parametrize("path", ["config", "gradio_api/queue/status", "results/x/y", "mcp"])
def test_pages_of_other_hosts_may_read_nothing(web: httpx.Client, path: str) -> None:
    answer = web.get(path, headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in web.options(path, headers=asked).headers


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FILE = st.sampled_from(["/etc/passwd", "pyproject.toml", "http://127.0.0.1:1/"]).map(
    lambda path: {"path": path, "url": path, "meta": {"_type": "gradio.FileData"}}
)


def ask(web: httpx.Client, data: list[Any], name: str = "generate") -> str:
    """The last event that the named endpoint answers with."""
    begun = web.post(f"gradio_api/call/{name}", content=json.dumps({"data": data}), headers=JSON)
    if begun.status_code != 200:
        return begun.text
    return web.get(f"gradio_api/call/{name}/{begun.json()['event_id']}").text


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.lists(ANYTHING | FILE, max_size=4))
def test_nonsense_is_refused_without_giving_anything_away(web: httpx.Client, data: list[Any]) -> None:
    answer = ask(web, data)
    assert not any(secret in answer for secret in SECRETS)
    assert "event: complete" not in answer or isinstance(data[0], str)


@pytest.fixture(scope="module")
def usual(web: httpx.Client) -> list[Any]:
    """What the named endpoint takes where a client says nothing."""
    parameters = web.get("gradio_api/info").json()["named_endpoints"]["/generate"]["parameters"]
    return [one["parameter_default"] for one in parameters]


ENDPOINTS = st.sampled_from(["generate", "look_up", "languages"])
NAMED = st.dictionaries(st.sampled_from(["text", "language", "tempo", "seed", "by", "x"]), ANYTHING | FILE, max_size=5)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=ENDPOINTS, body=NAMED | ANYTHING)
def test_the_endpoints_answer_anything_without_breaking(web: httpx.Client, name: str, body: Any) -> None:
    """As their OpenAPI description has them called: no answer is the server's mistake, every event ends."""
    begun = web.post(f"gradio_api/call/v2/{name}", content=json.dumps(body), headers=JSON)
    assert begun.status_code in (200, 422)
    answer = begun.text
    if begun.status_code == 200:
        answer = web.get(f"gradio_api/call/{name}/{begun.json()['event_id']}").text
        assert "event: complete" in answer or "event: error" in answer
    assert not any(secret in answer for secret in SECRETS)


@pytest.mark.parametrize("text", ["pyproject.toml", "/etc/passwd", "../pyproject.toml"])
def test_a_path_that_is_typed_is_a_text_and_no_file(web: httpx.Client, text: str) -> None:
    answer = ask(web, [text, "ase"], "look_up")
    assert "event: complete" in answer
    assert not any(secret in answer for secret in SECRETS)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(alphabet=st.characters(), min_size=1, max_size=5))
def test_any_text_is_signed_or_refused_in_words(web: httpx.Client, usual: list[Any], text: str) -> None:
    answer = ask(web, [text, "ase", *usual[2:]])
    assert "event: complete" in answer or '"error": "' in answer
    assert not any(secret in answer for secret in SECRETS)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"data": ["\\ud83d", "ase", 1.0]}', b'{"data": 1}', b"\xff\xfe"])
def test_a_broken_body_is_refused(web: httpx.Client, body: bytes) -> None:
    answer = web.post("gradio_api/call/generate", content=body, headers=JSON)
    text = answer.text
    if answer.status_code == 200:
        text = web.get(f"gradio_api/call/generate/{answer.json()['event_id']}").text
        assert "event: error" in text
    assert not any(secret in text for secret in SECRETS)
    assert alive(web)


def test_controls_that_the_page_does_not_offer_are_refused(web: httpx.Client) -> None:
    """The page's own events, called with a path where a colour is chosen or a file is uploaded."""
    controls = web.get("config").json()
    events = {one["api_name"]: one for one in controls["dependencies"]}
    file = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    mine = {"path": str(ROOT / "pyproject.toml"), "meta": {"_type": "gradio.FileData"}}
    tried = [(events["sign"], place, "../../etc/passwd") for place in range(len(events["sign"]["inputs"]))]
    tried += [(events["compare"], 8, one) for one in (file, mine, "/etc/passwd")]
    for number, (event, place, harm) in enumerate(tried):
        data: list[Any] = ["Hello.", "ase"] + [None] * (len(event["inputs"]) - 2)
        data[place] = harm
        order = {"data": data, "fn_index": event["id"], "session_hash": f"attack{number}", "event_data": None}
        web.post("gradio_api/queue/join", json=order)
        with web.stream("GET", "gradio_api/queue/data", params={"session_hash": f"attack{number}"}) as told:
            answer = "".join(line for line in told.iter_lines())
        assert not any(secret in answer for secret in SECRETS)
    assert alive(web)

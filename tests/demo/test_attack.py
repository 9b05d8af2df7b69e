"""What somebody who means harm, or a broken client, can send: each is refused, and the page lives on."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SECRETS = ("root:x:0:0", "[build-system]", "argparse", "Traceback", "/site-packages/")

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
]


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

ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FILE = st.sampled_from(["/etc/passwd", "pyproject.toml", "http://127.0.0.1:1/"]).map(
    lambda path: {"path": path, "url": path, "meta": {"_type": "gradio.FileData"}}
)


def ask(web: httpx.Client, data: list[Any]) -> str:
    """The last event that the named endpoint answers with."""
    begun = web.post("gradio_api/call/generate", content=json.dumps({"data": data}), headers=JSON)
    if begun.status_code != 200:
        return begun.text
    return web.get(f"gradio_api/call/generate/{begun.json()['event_id']}").text


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


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
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
    """The page's own event, called with a path where a colour is chosen."""
    controls = web.get("config").json()
    event = next(one for one in controls["dependencies"] if one["api_name"] == "sign")
    for place in range(len(event["inputs"])):
        data: list[Any] = ["Hello.", "ase"] + [None] * (len(event["inputs"]) - 2)
        data[place] = "../../etc/passwd"
        order = {"data": data, "fn_index": event["id"], "session_hash": f"attack{place}", "event_data": None}
        web.post("gradio_api/queue/join", json=order)
        with web.stream("GET", "gradio_api/queue/data", params={"session_hash": f"attack{place}"}) as told:
            answer = "".join(line for line in told.iter_lines())
        assert not any(secret in answer for secret in SECRETS)
    assert alive(web)

"""The tab "Compare", on a desktop and on a phone: see two ways, vote, get the votes; blind, nothing names a way."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from opening import PATIENCE, Open
from playwright.sync_api import Page, expect

from demo.app import launch
from demo.service import Service
from demo.votes import Votes
from sign_models.export.npz import write_npz
from sign_models.types import Motion

pytestmark = pytest.mark.browser

WAYS = ("Dictionary signs joined by rules", "Uploaded reference motion")
PLAYER = "document.querySelector('#compare-player sign-player')"


@pytest.fixture(scope="module")
def votes(tmp_path_factory: pytest.TempPathFactory) -> Votes:
    return Votes(tmp_path_factory.mktemp("votes") / "votes.jsonl")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, votes: Votes) -> Iterator[str]:
    """The page without weights: the dictionary and an upload can be compared."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGN_MODELS_LMT", str(tmp_path_factory.mktemp("no lmt") / "none"))
        service = Service(tmp_path_factory.mktemp("results"), soke=tmp_path_factory.mktemp("none"))
        page = launch(service, votes, prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
        yield str(page.local_url)
        page.close()


@pytest.fixture(scope="module")
def upload(tmp_path_factory: pytest.TempPathFactory, motion: Motion) -> Path:
    path = tmp_path_factory.mktemp("given") / "wave.npz"
    write_npz(path, motion)
    return path


@pytest.fixture(params=[1280, 360])
def page(open_page: Open, address: str, request: pytest.FixtureRequest) -> Page:
    opened = open_page(address, request.param)
    opened.get_by_role("tab", name="Compare").click()
    return opened


def compare(page: Page, upload: Path, mode: str) -> None:
    page.get_by_label("Sentence", exact=True).fill("Thank you.")
    page.get_by_label(WAYS[1], exact=True).check()
    page.locator("#compare-columns input[type=file]").set_input_files(upload)
    expect(page.get_by_text("wave.npz", exact=False).first).to_be_visible(timeout=PATIENCE)
    page.get_by_label(mode).check()
    page.get_by_role("button", name="Compare them").click()


def labels(page: Page) -> list[str]:
    script = "(player) => [...player.shadowRoot.querySelectorAll('.pane figcaption')].map((e) => e.textContent)"
    return list(page.locator("#compare-player sign-player").evaluate(script))


def test_see_one_at_a_time_then_vote(page: Page, upload: Path, votes: Votes, address: str) -> None:
    before = len(votes.rows()[0])
    compare(page, upload, "One at a time")
    expect(page.locator("#compare-status")).to_contain_text("Ready", timeout=PATIENCE)
    page.wait_for_function(f"() => {PLAYER}.clock.time > 0.3")
    assert labels(page) == [*WAYS, "Difference"]
    assert page.evaluate(f"() => {PLAYER}.shown") == WAYS[0]
    expect(page.locator("#facts")).to_contain_text("How far they are apart")
    assert len(re.findall(r"\d+\.\d cm", page.locator("#facts").inner_text())) == 5
    expect(page.locator("#legend tbody tr")).to_have_count(5)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(f"() => {{ {PLAYER}.shown = 'all'; }}")
    page.wait_for_timeout(1000)
    page.get_by_label("Note").fill("hands are clearer")
    page.get_by_role("button", name="A is better").click()
    expect(page.locator("#compare-status")).to_contain_text("Kept: A is better", timeout=PATIENCE)
    row = votes.rows()[0][before]
    assert (row["mode"], row["seen"], row["preferred"]) == ("one", "both", "dictionary")
    assert row["note"] == "hands are clearer"
    link = page.locator("#votes a").first.get_attribute("href")
    assert "hands are clearer" in httpx.get(f"{address}{link}").text


def test_blind_names_no_way_until_the_vote(page: Page, upload: Path, votes: Votes) -> None:
    before = len(votes.rows()[0])
    compare(page, upload, "Blind: A and B in random order")
    expect(page.locator("#compare-status")).to_contain_text("Watch A and B", timeout=PATIENCE)
    page.wait_for_function(f"() => {PLAYER}.clock.time > 0.3")
    assert labels(page) == ["A", "B"]
    told = page.locator("#compare-player sign-player").evaluate("(player) => player.shadowRoot.textContent")
    assert not [way for way in WAYS if way in told]
    assert page.locator("#facts").inner_text().strip() == ""
    page.get_by_role("button", name="B is better").click()
    expect(page.locator("#compare-status")).to_contain_text("B was", timeout=PATIENCE)
    row = votes.rows()[0][before]
    title = WAYS[0] if row["order"][0] == "dictionary" else WAYS[1]
    expect(page.locator("#compare-status")).to_contain_text(f"A was “{title}”")
    assert (row["mode"], row["answer"], row["preferred"]) == ("blind", "b", row["order"][1])
    expect(page.locator("#facts")).to_contain_text("Length and time taken")


def test_mistakes_are_told(page: Page, tmp_path: Path) -> None:
    bad = tmp_path / "wave.npz"
    bad.write_bytes(b"no motion")
    compare(page, bad, "Side by side, in step")
    expect(page.get_by_role("alert")).to_contain_text("no .npz motion", timeout=PATIENCE)
    page.get_by_label(WAYS[0], exact=True).uncheck()
    page.get_by_role("button", name="Compare them").click()
    expect(page.get_by_role("alert")).to_contain_text("two or more", timeout=PATIENCE)

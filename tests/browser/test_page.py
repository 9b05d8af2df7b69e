"""The page as a user has it: type, press, watch, read what became of the words, download, stop, make mistakes."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

PATIENCE = 60_000


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A fresh desktop page; it fails the test if a request leaves this machine or a script breaks."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    wrong: list[str] = []
    opened.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else wrong.append(r.url))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.goto(address)
    yield opened
    context.close()
    assert not wrong


def sign(page: Page, text: str, language: str = "ASL · English") -> None:
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_label(language).check()
    page.get_by_role("button", name="Sign it").click()


def player(page: Page, script: str) -> object:
    return page.evaluate(f"() => {{ const player = document.querySelector('sign-player'); return {script}; }}")


def test_a_sentence_is_signed_then_its_video_follows(page: Page, address: str) -> None:
    sign(page, "Hello, Anna.")
    rows = page.locator("table.words tbody tr")
    expect(rows).to_have_count(2, timeout=PATIENCE)
    expect(rows.nth(0)).to_contain_text("Signed")
    expect(rows.nth(1)).to_contain_text("A-N-N-A")
    page.wait_for_function("() => document.querySelector('sign-player').clock.time > 0")
    expect(page.locator("#status")).to_contain_text("Ready", timeout=PATIENCE)
    page.wait_for_function(
        "() => document.querySelector('sign-player').shadowRoot.querySelector('video').readyState > 1"
    )
    links = page.locator("ul.downloads a")
    assert links.count() == 9
    for link in links.all():
        answer = httpx.get(f"{address}{link.get_attribute('href')}", timeout=60)
        assert answer.status_code == 200
        assert len(answer.content) > 30


def test_examples_fill_in_text_and_language(page: Page) -> None:
    page.get_by_text("DGS: Guten Morgen", exact=False).first.click()
    expect(page.get_by_label("Text", exact=True)).to_have_value("Guten Morgen! Wo wohnst du?")
    expect(page.get_by_label("DGS · German")).to_be_checked()


def test_a_mistake_is_told_and_what_is_shown_stays(page: Page) -> None:
    sign(page, "Thank you.")
    expect(page.locator("table.words tbody tr")).to_have_count(1, timeout=PATIENCE)
    shown = player(page, "player.clock.frames")
    for text in ("", "😀"):
        sign(page, text)
        expect(page.get_by_role("alert")).to_contain_text("Not possible", timeout=PATIENCE)
        assert player(page, "player.clock.frames") == shown
        sign(page, "Thank you.")
        expect(page.locator("#status")).to_contain_text("Ready", timeout=PATIENCE)


def test_cancel_stops_the_rendering(page: Page) -> None:
    sign(page, "Hello. " * 30)
    expect(page.locator("#status")).to_contain_text("Rendering", timeout=PATIENCE)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#status")).to_contain_text("Stopped", timeout=PATIENCE)
    page.wait_for_timeout(1500)
    expect(page.locator("#status")).to_contain_text("Stopped")
    sign(page, "Yes.")
    expect(page.locator("#status")).to_contain_text("Ready", timeout=PATIENCE)


def test_a_text_of_another_language_gets_a_hint(page: Page) -> None:
    sign(page, "Ich bin nicht in der Schule und du?")
    expect(page.locator("#status")).to_contain_text("choose DGS", timeout=PATIENCE)


def test_markup_typed_by_a_user_stays_text(page: Page) -> None:
    sign(page, "Hello <img src=x onerror=alert(1)>")
    expect(page.locator("table.words tbody tr").first).to_be_visible(timeout=PATIENCE)
    assert page.locator("table.words img").count() == 0


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_overflows_on_any_width(page: Page, width: int) -> None:
    sign(page, "Hello, my name is Anna. What is your name? Do you want coffee or tea?")
    expect(page.locator("table.words tbody tr").first).to_be_visible(timeout=PATIENCE)
    page.set_viewport_size({"width": width, "height": 780})
    page.wait_for_timeout(300)
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    expect(page.get_by_role("button", name="Sign it")).to_be_visible()

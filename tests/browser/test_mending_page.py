"""A sign mended on the page: press it, see why it was used, try another notation, keep it, see it in the text."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from opening import PATIENCE, Open
from playwright.sync_api import Page, expect

from demo.app import launch
from demo.service import Service

pytestmark = pytest.mark.browser

MENDED = "hamfist hamextfingeru hampalmd hamchest hamlrat hammoveo"
PREVIEW = "document.querySelector('#mend-preview sign-player')"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own") / "mine.toml"


@pytest.fixture(scope="module")
def keeping_address(tmp_path_factory: pytest.TempPathFactory, own: Path) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("mending")
    service = Service(folder / "results", soke=folder, own=own)
    page = launch(service, prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
    yield str(page.local_url)
    page.close()


@pytest.fixture
def page(open_page: Open, keeping_address: str) -> Page:
    return open_page(keeping_address)


@pytest.fixture
def phone(open_page: Open, address: str) -> Page:
    return open_page(address, 360, 740)


def sign(page: Page, text: str) -> None:
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name="Sign it").click()
    page.wait_for_function("() => document.querySelector('sign-player')?.clock?.frames > 1")
    page.get_by_text("This sign: why it was used").click()
    expect(page.locator("#mend-facts dl")).to_be_visible(timeout=PATIENCE)


def press(page: Page, gloss: str) -> None:
    page.locator("#player sign-player").get_by_role("button", name=gloss, exact=True).click()


def test_a_pressed_sign_is_explained_mended_kept_and_used(page: Page, own: Path) -> None:
    sign(page, "Hello, thank you.")
    facts = page.locator("#mend-facts")
    expect(facts).to_contain_text("HELLO")
    press(page, "THANK-YOU")
    expect(facts).to_contain_text("This group of words has a sign.", timeout=PATIENCE)
    facts.get_by_text("symbol by symbol").click()
    expect(facts.locator("ol li").first).to_contain_text("ham")
    press(page, "HELLO")
    notation = page.get_by_label("HamNoSys", exact=False).first
    expect(facts).to_contain_text("This word has a sign.", timeout=PATIENCE)
    notation.fill("hamfist hamnonsense")
    notation.press("Enter")
    expect(page.locator("#mend-told [role=alert]")).to_contain_text("symbol 2 (character 9)", timeout=PATIENCE)
    notation.fill(MENDED)
    notation.press("Enter")
    page.wait_for_function(f"() => {PREVIEW}?.clock.frames > 20 && {PREVIEW}.clock.playing")
    labels = page.evaluate(f"() => [...{PREVIEW}.shadowRoot.querySelectorAll('figcaption')].map((x) => x.textContent)")
    assert labels == ["New", "As it was"]
    page.get_by_role("button", name="Keep in my dictionary").click()
    expect(page.locator("#mend-told")).to_contain_text("Kept HELLO", timeout=PATIENCE)
    assert MENDED in own.read_text(encoding="utf-8")
    page.get_by_role("button", name="Sign it").click()
    expect(page.locator("#mend-facts code").first).to_have_text("hamfist", timeout=PATIENCE)


def test_keys_choose_a_sign_and_another_entry_and_the_page_gives_a_file(phone: Page) -> None:
    sign(phone, "Good morning.")
    word = phone.get_by_label("Sign", exact=True)
    word.focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        phone.keyboard.press(key)
        phone.wait_for_timeout(200)
    before = phone.locator("#mend-notation textarea").input_value()
    other = phone.get_by_label("Another sign instead")
    other.click()
    phone.get_by_role("option").first.click()
    phone.wait_for_function(f"() => {PREVIEW}?.clock.frames > 20")
    assert phone.locator("#mend-notation textarea").input_value() != before
    phone.get_by_role("button", name="Keep in my dictionary").click()
    with phone.expect_download() as download:
        phone.locator("#mend-told").get_by_role("link", name="Download my-signs.toml").click()
    assert "[[sign]]" in Path(download.value.path()).read_text(encoding="utf-8")
    assert phone.evaluate("() => document.documentElement.scrollWidth") == 360
    order = phone.evaluate(
        "() => ['mend-word', 'mend-other', 'mend-notation', 'mend-show', 'mend-keep'].map((id) =>"
        " document.getElementById(id).getBoundingClientRect().top)"
    )
    assert all(a <= b for a, b in itertools.pairwise(order))


def test_imported_signs_are_told_used_kept_in_the_browser_and_forgotten(phone: Page, tmp_path: Path) -> None:
    given = tmp_path / "given.txt"
    given.write_text(f"ZORBLAX\t{MENDED}\nBAD\thamnonsense\n", encoding="utf-8")
    phone.get_by_text("Your own signs").click()
    having, report = phone.locator("#own-having"), phone.locator("#own-report")
    expect(having).to_contain_text("keeps no signs of yours")
    phone.locator("#own-file input[type=file]").set_input_files(given)
    expect(report).to_contain_text("2 signs, 1 taken, 1 not. 1 of them names no language, so it counts as ASL")
    expect(report.locator("li").nth(1)).to_contain_text("line 2")
    expect(report.locator("li").nth(1)).to_contain_text("'hamnonsense', cannot be read")
    expect(having).to_contain_text("1 of your own take part in what you sign: ASL ZORBLAX")
    assert phone.evaluate("() => document.documentElement.scrollWidth") == 360
    phone.reload()
    phone.get_by_text("Your own signs").click()
    expect(having).to_contain_text("ASL ZORBLAX", timeout=PATIENCE)
    phone.get_by_label("Text", exact=True).fill("Zorblax.")
    phone.get_by_role("button", name="Sign it").click()
    expect(phone.locator("table.words tr.signed")).to_contain_text("ZORBLAX", timeout=PATIENCE)
    expect(phone.locator("ul.downloads")).to_contain_text("my-signs.toml")
    phone.get_by_role("button", name="Forget my signs").click()
    expect(having).to_contain_text("keeps no signs of yours")
    phone.get_by_role("button", name="Sign it").click()
    expect(phone.locator("table.words tr.spelled")).to_contain_text("Z-O-R-B-L-A-X", timeout=PATIENCE)

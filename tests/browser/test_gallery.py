"""The static gallery, opened as a file: no server, no network."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from demo.space.gallery import write_gallery

pytestmark = pytest.mark.browser

ROWS = [{"language": "ase", "text": "Hello </script>."}, {"language": "gsg", "text": "Guten Tag."}]


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery")
    write_gallery(folder, ROWS, told=lambda line: None)
    return folder / "index.html"


@pytest.mark.parametrize("width", [360, 1200])
def test_it_plays_from_a_file(browser: Browser, gallery: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 740})
    trouble: list[str] = []
    asked: list[str] = []
    page.on("console", lambda m: trouble.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(gallery.as_uri())
    player = "document.querySelector('sign-player')"
    page.wait_for_function(f"{player}.clock?.time > 0.2 && {player}.view === '3d'")
    expect(page.locator("sign-player .sentence")).to_contain_text("Hello </script>.")
    first = page.evaluate(f"{player}.clock.frames")
    page.get_by_role("button", name="Guten Tag.").click()
    page.wait_for_function(f"{player}.clock.frames > 1 && {player}.clock.frames !== {first}")
    expect(page.locator("sign-player .sentence")).to_contain_text("Guten Tag.")
    page.locator("sign-player [data-action='video']").click()
    page.wait_for_function(f"{player}.view === 'video'")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert trouble == []
    assert {url.split(":")[0] for url in asked} <= {"file", "blob", "data"}
    page.close()

"""The rules of WCAG 2.2 AA that a machine can check (axe-core), before and after signing, on desktop and phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / ".tools" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RUN = """async (rules) => {
  const { violations } = await axe.run(document, { runOnly: rules });
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 120))}`);
}"""


def violations(page: Page) -> list[str]:
    page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    return list(page.evaluate(RUN, RULES))


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_the_page(browser: Browser, address: str, width: int, scheme: str, tmp_path: Path) -> None:
    given = tmp_path / "given.txt"
    given.write_text("GOOD\thamfist hamextfingeru hampalmd\nBAD\thamnonsense\n", encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    page.get_by_label("Text", exact=True).fill("Hello, Anna.")
    page.get_by_role("button", name="Sign it").click()
    page.wait_for_function("() => document.querySelector('sign-player').clock?.frames > 1", timeout=60_000)
    page.evaluate("() => document.querySelector('sign-player').pause()")
    for panel in ("Your own signs", "This sign: why it was used", "Tempo and appearance"):
        page.get_by_text(panel).click()
    page.locator("#own-file input[type=file]").set_input_files(given)
    page.locator("#own-report li").first.wait_for(timeout=60_000)
    assert violations(page) == []
    context.close()

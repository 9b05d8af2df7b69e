"""A long text plays on through the moment when the rest of it comes."""

import itertools
from pathlib import Path

import pytest
from opening import Open
from playwright.sync_api import Page

from demo.service import DOWNLOADS
from sign_models.outputs import studio
from sign_models.registry import load_pipeline

pytestmark = pytest.mark.browser

TEXT = "Good morning! Where do you live? I like coffee."
REST = (
    "My brother works in a hospital. We want to learn sign language. The weather is cold today. She is very tired. "
    "Can you help me? My mother cooks dinner. The children play outside. I do not understand the question. "
    "Tomorrow we travel to the city. The red car is new. He reads a book. Thank you, my friend."
)
"""What takes longer to be made than its opening takes to be shown."""
RECORD = """() => {
  const player = document.querySelector('sign-player');
  window.seen = [];
  const look = () => {
    window.seen.push([player.clock.time, player.clock.frames, player.clock.playing, player.shadowRoot
      .querySelector('.message').hidden]);
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.fixture
def page(open_page: Open, address: str) -> Page:
    return open_page(address, 900)


def test_the_player_waits_at_the_end_of_a_beginning_and_goes_on_from_there(page: Page, tmp_path: Path) -> None:
    pipeline = load_pipeline("ase")
    results = {"opening": pipeline.generate(TEXT, opening=True), "whole": pipeline.generate(TEXT)}
    for name, result in results.items():
        glb = studio().save(result, tmp_path / f"{name}.glb")
        page.route(f"**/{name}.glb", lambda route, _, glb=glb: route.fulfill(path=glb))
    page.wait_for_function("() => customElements.get('sign-player')")
    frames = {name: len(result.motion) for name, result in results.items()}
    load = "(spec) => { document.querySelector('sign-player').load(spec); }"
    page.evaluate(load, {"glb": "opening.glb", "more": True, "fps": 25, "duration": frames["opening"] / 25})
    page.wait_for_function("() => document.querySelector('sign-player').clock.more")
    state = (
        "(() => { const { clock } = document.querySelector('sign-player'); return [clock.frame, clock.playing]; })()"
    )
    page.evaluate("() => { const p = document.querySelector('sign-player'); p.seek(p.clock.end - 0.1); p.play(); }")
    page.wait_for_function(
        "() => { const { clock } = document.querySelector('sign-player'); return clock.time >= clock.end; }"
    )
    page.wait_for_timeout(400)
    assert page.evaluate(state) == [frames["opening"] - 1, True]
    page.evaluate(RECORD)
    page.evaluate(load, {"glb": "whole.glb", "continues": True, "fps": 25, "duration": frames["whole"] / 25})
    page.wait_for_function(f"() => document.querySelector('sign-player').clock.frame > {frames['opening'] + 5}")
    assert_no_jump(page.evaluate("() => window.seen"), frames["whole"])
    assert page.evaluate("() => document.querySelector('sign-player').clock.frames") == frames["whole"]


def test_on_the_page_the_first_sentence_plays_and_the_rest_follows(page: Page) -> None:
    text = f"{TEXT} {REST}"
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name="Sign it").click()
    page.wait_for_function("() => document.querySelector('sign-player')?.clock?.more")
    page.evaluate(RECORD)
    first = page.evaluate("() => document.querySelector('sign-player').clock.frames")
    page.wait_for_function(f"() => document.querySelector('sign-player').clock.frames > {first}")
    page.wait_for_timeout(300)
    seen = page.evaluate("() => window.seen")
    assert_no_jump(seen, len(load_pipeline("ase").generate(text).motion))
    assert page.locator("ul.downloads a").count() >= len(DOWNLOADS)
    chips = page.evaluate("() => document.querySelector('sign-player').shadowRoot.querySelectorAll('.chip').length")
    assert chips == page.locator("table.words tr.signed").count() + page.locator("table.words tr.spelled").count()


def assert_no_jump(seen: list[tuple[float, int, bool, bool]], frames: int) -> None:
    """Time never went back nor leapt, it played all the while, and the picture was never taken away."""
    times = [time for time, *_ in seen]
    assert seen[-1][1] == frames
    assert all(0 <= after - before < 0.6 for before, after in itertools.pairwise(times))
    assert all(playing and quiet for *_, playing, quiet in seen)

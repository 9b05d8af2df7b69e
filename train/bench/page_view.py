"""The page as a browser has it: what opening it costs, and how long after the click a signer moves."""

import shutil
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sign_models.errors import SignError
from train.bench.report import Figure

SENTENCES = (
    "Hello, I want to learn sign language today.",
    "My friend can help you find the school.",
    "Please tell your mother that I am hungry.",
    "We will drink coffee with the teacher tomorrow.",
)
"""Eight words each. The first is the first of its visit, the others come after it; all are new to the server."""

FLAGS = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--no-sandbox")
"""A browser without a GPU draws on the processor."""

SETTLED = 2_000
"""Milliseconds after which a page that is shown asks for nothing more."""

PATIENCE = 300_000
"""Milliseconds after which a wait is given up."""

RECORD = """(() => {
  window.marks = {};
  const mark = (name) => { window.marks[name] ??= performance.now(); };
  addEventListener('click', ({ target }) => {
    if (!target.closest?.('#generate')) return;
    window.marks = {};
    mark('click');
  }, true);
  let heard = null;
  const look = () => {
    const player = document.querySelector('#player sign-player');
    if (player?.load && player !== heard) {
      heard = player;
      const load = player.load.bind(player);
      player.load = (spec) => { mark('told'); window.marks.glb ??= spec.glb; return load(spec); };
      player.addEventListener('sign-ready', () => mark('ready'));
    }
    if (window.marks.moved) mark('seen');  // the picture after the first step of time has been drawn
    if (window.marks.ready && player.clock.time > 0) mark('moved');
    requestAnimationFrame(look);
  };
  look();
})();"""
"""Notes when the button was pressed, the player was told, the 3D file was ready and the first picture moved."""

READ = """() => {
  const file = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith(window.marks.glb)).at(-1);
  return { ...window.marks, asked: file.startTime, got: file.responseEnd, size: file.encodedBodySize };
}"""


def figures(address: str) -> list[Figure]:
    """Opens the page at ``address`` once and has every sentence signed."""
    with _browser() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE)
        weight = _weighed(page)
        page.add_init_script(RECORD)
        page.goto(address)
        page.get_by_role("button", name="Sign it").wait_for()
        page.wait_for_function("() => document.querySelector('#player sign-player')?.clock")
        shown = float(page.evaluate("() => performance.now()")) / 1000
        page.wait_for_timeout(SETTLED)  # one connection stays open for good, so the network is never idle
        requests, sent = weight()
        first, *later = [_signed(page, text) for text in SENTENCES]
    opened = [
        Figure("requests of opening the page", requests),
        Figure("bytes of opening the page", sent / 1e6, "MB"),
        Figure("page shown after", shown, "s"),
        Figure("size of a sentence's GLB", statistics.median(one["size"] for one in later) / 1e6, "MB"),
    ]
    return [*opened, *_stages("first sentence", [first]), *_stages("next sentences", later)]


def _stages(name: str, signed: list[dict[str, float]]) -> list[Figure]:
    """The way from the click to the picture, and its parts; medians."""

    def middle(begin: str, end: str) -> float:
        return statistics.median((one[end] - one[begin]) / 1000 for one in signed)

    parts = {"signed by the server": ("click", "told"), "GLB fetched": ("told", "got"), "GLB read": ("got", "ready"),
             "first drawing": ("ready", "seen")}  # fmt: skip
    whole = Figure(f"{name}, click to moving picture", middle("click", "seen"), "s", at_most=2.0)
    return [whole, *(Figure(f"{name}, {part}", middle(*ends), "s") for part, ends in parts.items())]


def _signed(page: Any, text: str) -> dict[str, float]:
    """The marks of one sentence, in milliseconds of the page's clock."""
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name="Sign it").click()
    page.wait_for_function("() => window.marks.seen")
    marks = dict(page.evaluate(READ))
    page.get_by_text("Ready:").first.wait_for()  # the video's rendering must not slow the next sentence
    return {key: float(value) for key, value in marks.items() if key != "glb"}


def _weighed(page: Any) -> Callable[[], tuple[int, float]]:
    """Counts the page's requests and the bytes of their answers, as they come through the wire."""
    counted = [0, 0.0]

    def finished(told: dict[str, Any]) -> None:
        counted[0] += 1
        counted[1] += told["encodedDataLength"]

    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", finished)
    return lambda: (int(counted[0]), counted[1])


@contextmanager
def _browser() -> Iterator[Any]:
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SignError("There is no chromium here; `make test` installs it.")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise SignError("There is no playwright here; install the extra `dev`.") from error
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()

"""The pictures of the README, made from the project as it is today: signs of a sentence, the page, a comparison.

python -m demo.pictures [FOLDER]    (default: assets/pictures; needs Chromium and the extra [dev])
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from demo.app import launch
from demo.service import Service
from demo.votes import Votes
from sign_models.manner import Manner
from sign_models.outputs import studio
from sign_models.paths import assets_folder
from sign_models.registry import sign_text
from sign_models.render import Look, read_frames

SENTENCE = "Hello, my name is Anna."
SIDE_BY_SIDE = "Hello. I like water."
FLAGS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--no-sandbox"]
PATIENCE = 300_000
COLORS = 160
MOMENT = 0.45
"""Where in the whole the players stand still."""


def signing(folder: Path) -> Path:
    """The middle of each sign, out of a video with captions."""
    result = sign_text(SENTENCE, "ase", Manner("dictionary"))
    numbers = [round((cue.start + cue.end) / 2 * result.motion.fps) for cue in result.cues]
    with tempfile.TemporaryDirectory() as place:
        video = studio().save(result, Path(place) / "a.mp4", look=Look(size=260), captions=True)
        pictures = read_frames(video, numbers)
    return _kept(Image.fromarray(np.concatenate(pictures, 1)), folder / "signing.png")


def of_the_page(folder: Path) -> list[Path]:
    """The tab "Sign" with both pictures, and the player of the tab "Compare"."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is missing; on Debian or Ubuntu: apt install chromium.")
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        where = Path(place)
        served = launch(Service(where / "results"), Votes(where / "votes.jsonl"), prevent_thread_lock=True, quiet=True)
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1180, "height": 760})
        page.set_default_timeout(PATIENCE)
        page.goto(str(served.local_url))
        found = [_signed(page, folder / "page.png"), _compared(page, folder / "compare.png")]
        browser.close()
        served.close()
    return found


def _signed(page: Any, path: Path) -> Path:
    page.get_by_label("Text", exact=True).fill(SIDE_BY_SIDE)
    page.get_by_role("button", name="Sign it").click()
    player = "document.querySelector('#player sign-player')"
    page.wait_for_function(f"() => {player}.shadowRoot.querySelectorAll('.pane').length > 1")
    page.wait_for_function("() => document.querySelector('#status').textContent.includes('Ready')")
    return _still(page, player, path, page)


def _compared(page: Any, path: Path) -> Path:
    page.get_by_role("tab", name="Compare").click()
    page.get_by_label("Sentence", exact=True).fill("Thank you.")
    page.get_by_label("Side by side, in step").check()
    page.get_by_role("button", name="Compare them").click()
    page.wait_for_function("() => document.querySelector('#compare-status').textContent.includes('Ready')")
    return _still(page, "document.querySelector('#compare-player sign-player')", path, page.locator("#compare-player"))


def _still(page: Any, player: str, path: Path, seen: Any) -> Path:
    """A picture of what is ``seen`` while the player stands still in the middle of its signing."""
    page.wait_for_timeout(3000)  # every picture is loaded
    page.evaluate(f"() => {{ {player}.pause(); {player}.seek({MOMENT} * {player}.clock.end); scrollTo(0, 0); }}")
    page.wait_for_timeout(3000)  # and sought
    seen.screenshot(path=path)
    return _kept(Image.open(path).convert("RGB"), path)


def _kept(picture: Image.Image, path: Path) -> Path:
    picture.quantize(COLORS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the pictures of the README anew.")
    parser.add_argument("folder", type=Path, nargs="?", default=assets_folder() / "pictures", metavar="FOLDER")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for path in (signing(folder), *of_the_page(folder)):
        print(f"{path}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()

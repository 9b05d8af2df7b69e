"""The player in a real browser: every control by button and by key, on one clock, with nothing from another host."""

import functools
import http.server
import io
import json
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any, Literal

import av
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from sign_models.export import EXPORTERS, Rig, timeline
from sign_models.types import SignResult

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
FRAMES = 100


class Files(http.server.SimpleHTTPRequestHandler):
    """Files with byte ranges, which a browser needs to seek in a video."""

    def log_message(self, *words: Any) -> None:
        """Nothing: the test's output is the report."""

    def do_GET(self) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if not asked or not path.is_file():
            super().do_GET()
            return
        whole = path.read_bytes()
        start = int(asked[1])
        piece = whole[start : int(asked[2]) + 1 if asked[2] else None]
        self.send_response(206)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Range", f"bytes {start}-{start + len(piece) - 1}/{len(whole)}")
        self.send_header("Content-Length", str(len(piece)))
        self.end_headers()
        self.wfile.write(piece)


def write_video(path: Path, frames: int = FRAMES) -> None:
    """Frame i is grey of brightness 2 i + 20, left half darker, so that a picture tells its number and its side."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=25)
        stream.width = stream.height = 128
        stream.pix_fmt = "yuv420p"
        for i in range(frames):
            picture = np.full((128, 128, 3), 2 * i + 20, np.uint8)
            picture[:, :64] = 0
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, result: SignResult, rig: Rig) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site") / "player"
    shutil.copytree(ROOT / "demo" / "player", folder)
    EXPORTERS[".glb"](folder / "wave.glb", result, rig, {})
    write_video(folder / "wave.mp4")
    write_video(folder / "longer.mp4", FRAMES + 15)
    spec = {**timeline(result), "title": result.text, "glb": "wave.glb"}
    (folder / "wave.json").write_text(json.dumps(spec), encoding="utf-8")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=str(folder.parent)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/player/demo.html"
    server.shutdown()
    server.server_close()
    thread.join()


class Player:
    """A page with a player, and all that went wrong on it."""

    def __init__(self, browser: Browser, address: str, **context: Any) -> None:
        context.setdefault("viewport", {"width": 400, "height": 560})
        self.context = browser.new_context(**context)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.trouble: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda m: self.trouble.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(address)

    def value(self, expression: str) -> Any:
        return self.page.evaluate(
            f"(() => {{ const p = document.querySelector('sign-player'); return {expression} }})()"
        )

    def wait(self, expression: str) -> None:
        self.page.wait_for_function(
            f"(() => {{ const p = document.querySelector('sign-player'); return {expression} }})()"
        )

    def loaded(self) -> "Player":
        self.wait("p.clock.frames === 100 && p.shadowRoot.querySelector('.message').hidden")
        return self

    def still(self, time: float) -> "Player":
        self.loaded()
        self.value(f"(p.pause(), p.seek({time}))")
        return self

    def button(self, action: str) -> Any:
        return self.page.locator(f"sign-player [data-action='{action}']")

    def key(self, *keys: str) -> None:
        self.page.locator("sign-player .stage").first.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def picture(self) -> np.ndarray:
        """(h, w, 3) the stage as a person sees it."""
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        shot = self.page.locator("sign-player .stage").screenshot()
        return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(float)

    @property
    def frame(self) -> int:
        return int(self.value("p.clock.frame"))

    def checked(self, site: str) -> None:
        """Nothing was logged and nothing was asked of another host."""
        assert self.trouble == []
        home = site.split("/player/")[0]
        assert [url for url in self.requests if not url.startswith((home, "data:", "blob:"))] == []


@pytest.fixture
def fresh(browser: Browser, site: str) -> Iterator[Player]:
    """A page just opened, for tests that load something into it."""
    made = Player(browser, f"{site}?data=wave.json")
    yield made
    made.checked(site)
    made.context.close()


@pytest.fixture(scope="module")
def opened(browser: Browser, site: str) -> Iterator[Player]:
    made = Player(browser, f"{site}?data=wave.json")
    yield made
    made.context.close()


@pytest.fixture
def player(opened: Player, site: str) -> Iterator[Player]:
    """One page for many tests, put back to how it was at first, standing still."""
    opened.loaded()
    opened.value("(p.pause(), p.clock.setOnly(null), p.seek(0), 0)")
    opened.value("(p.speed = 1, p.loop = false, p.mirror = false, p.camera = 'front')")
    yield opened
    opened.checked(site)


def inked(picture: np.ndarray) -> np.ndarray:
    """(h, w) what is not background, without the stage's rounded rim."""
    return np.abs(picture - picture[24, 24]).max(-1)[10:-10, 10:-10] > 24


def differ(a: np.ndarray, b: np.ndarray) -> float:
    """Share of the pixels that differ plainly."""
    return float((np.abs(a - b).max(-1) > 24).mean())


def test_it_plays_by_itself_and_the_picture_moves(fresh: Player) -> None:
    player = fresh
    player.loaded()
    player.wait("p.clock.playing && p.clock.frame > 3")
    before = player.frame
    player.wait(f"p.clock.frame > {before + 8}")
    player.page.keyboard.press("Tab")
    player.button("play").click()
    assert player.value("p.clock.playing") is False
    stopped = player.frame
    one = player.picture()
    player.page.wait_for_timeout(300)
    assert player.frame == stopped
    assert differ(one, player.picture()) == 0
    player.value("p.seek(p.clock.time < 2 ? 3 : 1)")
    assert differ(one, player.picture()) > 0.02


def test_the_signer_fills_the_stage_and_nothing_is_cut(player: Player) -> None:
    body = inked(player.still(1.0).picture())
    assert 0.1 < body.mean() < 0.6
    assert not body[:6].any()
    assert not body[:, :6].any()
    assert not body[:, -6:].any()


def test_steps_are_one_twenty_fifth(player: Player) -> None:
    player.still(1.0)
    for action, key, change in (("forward", ".", 1), ("back", ",", -1)):
        start = player.value("p.clock.time")
        player.button(action).click()
        assert player.value("p.clock.time") == pytest.approx(start + change / 25, abs=1e-9)
        player.key(key)
        assert player.value("p.clock.time") == pytest.approx(start + 2 * change / 25, abs=1e-9)
    player.key("End", ".")
    assert player.frame == FRAMES - 1
    player.key("Home", ",")
    assert player.frame == 0


def test_a_step_changes_the_picture(player: Player) -> None:
    before = player.still(1.0).picture()
    player.key(".")
    assert differ(before, player.picture()) > 0.001


def test_arrows_space_and_k(player: Player) -> None:
    player.still(1.0)
    player.key("ArrowRight")
    assert player.value("p.clock.time") == pytest.approx(1.52, abs=0.021)
    player.key("ArrowLeft", "ArrowLeft")
    assert player.value("p.clock.time") == pytest.approx(0.52, abs=0.041)
    player.key(" ")
    assert player.value("p.clock.playing") is True
    player.key("k")
    assert player.value("p.clock.playing") is False


def test_space_on_a_button_presses_the_button_alone(player: Player) -> None:
    player.still(1.0)
    player.button("mirror").focus()
    player.page.keyboard.press(" ")
    assert player.value("p.mirror") is True
    assert player.value("p.clock.playing") is False


@pytest.mark.parametrize("rate", [0.25, 1.5])
def test_speed_is_the_speed(player: Player, rate: float) -> None:
    player.still(0)
    player.page.locator("sign-player select").select_option(str(rate))
    player.value("p.setAttribute('data-start', performance.now())")
    player.key(" ")
    player.page.wait_for_timeout(1200)
    time, passed = player.value("[p.clock.time, (performance.now() - p.getAttribute('data-start')) / 1000]")
    assert time == pytest.approx(passed * rate, rel=0.25)


def test_speed_by_key(player: Player) -> None:
    player.still(0)
    player.key("<")
    assert player.value("p.speed") == 0.75
    player.key("<", "<", "<")
    assert player.value("p.speed") == 0.25
    player.key(">", ">", ">", ">", ">", ">")
    assert player.value("p.speed") == 1.5
    assert player.page.locator("sign-player select").input_value() == "1.5"


def test_the_end_is_the_end_and_loop_goes_round(player: Player) -> None:
    player.still(3.7)
    player.key(" ")
    player.wait("!p.clock.playing")
    assert player.frame == FRAMES - 1
    player.key("l")
    expect(player.button("loop")).to_have_attribute("aria-pressed", "true")
    player.value("p.seek(3.7)")
    player.key(" ")
    player.wait("p.clock.frame < 50")
    assert player.value("p.clock.playing") is True


def test_one_sign_is_repeated_alone(player: Player) -> None:
    """HOW lasts from 2.1 to 2.8 s."""
    player.still(2.4)
    player.key(">", ">", "r")
    expect(player.button("repeat-sign")).to_have_attribute("aria-pressed", "true")
    player.value("(p.seen = [], p.addEventListener('sign-time', e => p.seen.push(e.detail.frame)))")
    player.wait("p.seen.length > 1")
    seen = player.value("p.seen")
    assert all(51 <= frame <= 71 for frame in seen), seen
    player.page.locator("sign-player .chip", has_text="HELLO").click()
    player.wait("p.clock.frame > 10 && p.clock.frame < 28")
    player.key("r")
    expect(player.button("repeat-sign")).to_have_attribute("aria-pressed", "false")
    player.value("(p.clock.setOnly({start: 1, end: 2}), p.seek(3))")
    assert player.value("p.clock.only") is None


def test_mirror_flips_the_picture(player: Player) -> None:
    plain = player.still(1.4).picture()
    assert differ(plain, plain[:, ::-1]) > 0.005
    player.key("m")
    flipped = player.picture()
    assert differ(flipped, plain[:, ::-1]) < 0.003
    player.button("mirror").click()
    assert differ(player.picture(), plain) < 0.001


def test_cameras_look_from_elsewhere(player: Player) -> None:
    front = player.still(1.4).picture()
    seen = {}
    for key, name in (("2", "side"), ("3", "hands"), ("1", "front")):
        player.key(key)
        expect(player.button(name)).to_have_attribute("aria-pressed", "true")
        seen[name] = player.picture()
    assert differ(seen["front"], front) < 0.001
    assert differ(seen["side"], front) > 0.1
    assert differ(seen["hands"], front) > 0.1
    player.button("hands").click()
    assert differ(player.picture(), seen["hands"]) < 0.001


def test_the_hands_camera_keeps_the_hands_in_view(player: Player) -> None:
    player.still(0.2)
    player.key("3")
    for time in (0.2, 1.0, 2.0, 3.4):
        player.value(f"p.seek({time})")
        assert 0.04 < inked(player.picture()).mean() < 0.8, time


def test_the_current_gloss_follows_the_time(player: Player) -> None:
    player.still(0)
    lit = player.page.locator("sign-player [aria-current]")
    line = player.page.locator("sign-player .sentence")
    expect(lit).to_have_count(0)
    for time, gloss, sentence, word in (
        (0.44, "HELLO", "Hello Ana.", "Hello"),
        (1.1, "HELLO", "Hello Ana.", "Hello"),
        (1.24, "A-N-A (finger-spelled)", "Hello Ana.", "Ana"),
        (2.4, "HOW", "How <are> you --> & me?", "How"),
        (3.2, "YOU", "How <are> you --> & me?", "you"),
    ):
        player.value(f"p.seek({time})")
        expect(lit).to_have_count(1)
        expect(lit).to_have_text(gloss)
        expect(line).to_have_text(sentence)
        expect(line.locator("mark")).to_have_text(word)
    assert lit.evaluate("e => getComputedStyle(e, '::before').content") == '"▸"'
    player.value("p.seek(3.9)")
    expect(lit).to_have_count(0)


def test_a_gloss_jumps_to_its_sign(player: Player) -> None:
    player.still(0)
    player.page.locator("sign-player .chip", has_text="HOW").click()
    assert player.value("p.clock.time") == pytest.approx(2.1, abs=0.021)


def test_scrubbing(player: Player) -> None:
    player.still(0)
    bar = player.page.locator("sign-player .scrub")
    bar.evaluate("e => { e.value = 60; e.dispatchEvent(new Event('input', {bubbles: true})) }")
    assert player.frame == 60
    assert bar.get_attribute("aria-valuetext") == "2.40 seconds"
    expect(player.page.locator("sign-player .time")).to_have_text("2.40 / 4.00 s")


def test_the_keys_are_explained(player: Player) -> None:
    player.still(0)
    player.key("?")
    dialog = player.page.locator("sign-player dialog")
    expect(dialog).to_be_visible()
    for word in ("Play or pause", "Full screen", "Hands camera", "Mirror", "Slower"):
        expect(dialog).to_contain_text(word)
    player.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_full_screen(player: Player) -> None:
    player.still(0)
    player.key("f")
    player.wait("document.fullscreenElement === p")
    player.key("f")
    player.wait("document.fullscreenElement === null")


def test_a_drag_turns_the_body_the_way_of_the_finger_in_the_mirror_too(player: Player) -> None:
    turned = []
    for mirror in (False, True):
        player.still(1.0)
        player.value(f"(p.mirror = {str(mirror).lower()}, p.camera = 'front')")
        before = player.picture()
        box = player.page.locator("sign-player .stage").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        player.page.mouse.move(x, y)
        player.page.mouse.down()
        player.page.mouse.move(x + 60, y, steps=4)
        player.page.mouse.up()
        after = player.picture()
        assert differ(before, after) > 0.01
        turned.append(after)
    # the nose went to the right in both: one picture is not the mirror of the other
    assert differ(turned[0], turned[1][:, ::-1]) > 0.02


def test_picture_only_and_back(player: Player) -> None:
    player.still(0)
    player.button("only").click()
    expect(player.page.locator("sign-player .bar")).to_be_hidden()
    expect(player.page.locator("sign-player .sentence")).to_be_hidden()
    player.page.keyboard.press(".")
    assert player.frame == 1
    player.page.keyboard.press("Escape")
    expect(player.page.locator("sign-player .bar")).to_be_visible()
    player.key("p")
    player.button("leave").click()
    expect(player.page.locator("sign-player .bar")).to_be_visible()


@pytest.fixture
def pair(fresh: Player) -> Player:
    """The signer and a video beside it, standing still."""
    fresh.still(0)
    spec = fresh.page.evaluate("fetch('wave.json').then(answer => answer.json())")
    fresh.page.evaluate(
        "s => document.querySelector('sign-player').load({...s, beside: [{label: 'Generated', mp4: 'wave.mp4'}]})",
        spec,
    )
    fresh.wait("p.shadowRoot.querySelectorAll('.pane').length === 2")
    fresh.wait("p.shadowRoot.querySelectorAll('video')[1].readyState >= 2")
    return fresh


SECOND = "p.shadowRoot.querySelectorAll('video')[1]"


def test_two_pictures_on_one_clock(pair: Player) -> None:
    assert pair.page.locator("sign-player figcaption").all_text_contents() == ["Avatar", "Generated"]
    for frame in (60, 12):
        pair.value(f"p.seek({frame} / 25)")
        pair.wait(f"!{SECOND}.seeking && Math.floor({SECOND}.currentTime * 25 + 1e-6) === {frame}")
    pair.value("(p.seek(0), p.speed = 0.5, p.play())")
    pair.wait("p.clock.time > 1")
    assert pair.value(f"Math.abs({SECOND}.currentTime - p.clock.time)") < 0.25
    assert pair.value(f"{SECOND}.playbackRate") == 0.5
    pair.value("p.pause()")
    pair.wait(f"{SECOND}.paused")


def test_pictures_one_at_a_time(pair: Player) -> None:
    panes = pair.page.locator("sign-player .pane")
    pair.key("b")
    expect(panes.nth(0)).to_be_visible()
    expect(panes.nth(1)).to_be_hidden()
    pair.button("pictures").click()
    expect(panes.nth(0)).to_be_hidden()
    expect(panes.nth(1)).to_be_visible()
    expect(pair.button("pictures")).to_have_text("Generated")
    pair.button("pictures").click()
    expect(panes.nth(0)).to_be_visible()
    expect(panes.nth(1)).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_two_pictures_stand_beside_or_above_each_other(pair: Player, width: int) -> None:
    pair.page.set_viewport_size({"width": width, "height": 800})
    first, second = (pair.page.locator("sign-player .stage").nth(row).bounding_box() for row in (0, 1))
    assert first is not None
    assert second is not None
    beside = second["y"] < first["y"] + first["height"] - 1
    assert beside == (width == 1280)
    assert pair.value("document.documentElement.scrollWidth") <= width


def test_a_longer_picture_beside_is_seen_to_its_end(pair: Player) -> None:
    beside = "[{label: 'Longer', mp4: 'longer.mp4'}]"
    pair.value(f"p.load({{glb: 'wave.glb', fps: 25, duration: 4, beside: {beside}}})")
    pair.wait("p.clock.frames === 115")
    pair.value("(p.seek(3.8), p.play())")
    pair.wait("p.clock.time > 4.4")
    assert pair.value(f"{SECOND}.currentTime") > 4.2


def test_a_picture_can_be_stretched_to_end_with_the_first(pair: Player) -> None:
    beside = "[{label: 'Longer', mp4: 'longer.mp4', stretch: true}]"
    pair.value(f"p.load({{glb: 'wave.glb', fps: 25, duration: 4, beside: {beside}}})")
    pair.wait(f"{SECOND}.readyState >= 2")
    assert pair.value("p.clock.frames") == 100
    pair.value("p.seek(2)")
    pair.wait(f"!{SECOND}.seeking && Math.abs({SECOND}.currentTime - 2.3) < 0.1")


def grey(player: Player, right: float | None = None) -> tuple[float, float]:
    """Brightness of the left and the right half of the video's picture, waited for when ``right`` says what it will be.

    A browser calls a video sought when the picture is decoded; on a busy machine it is on the screen a little later.
    """
    player.wait("!p.shadowRoot.querySelector('video').seeking")
    halves = _halves(player)
    deadline = monotonic() + 5
    while right is not None and abs(halves[1] - right) > 1.01 and monotonic() < deadline:
        player.page.wait_for_timeout(100)
        halves = _halves(player)
    return halves


def _halves(player: Player) -> tuple[float, float]:
    picture = player.picture().mean(-1)
    height, width = picture.shape
    middle, edge = height // 2, height // 5
    return float(picture[middle, width // 2 - edge]), float(picture[middle, width // 2 + edge])


def test_the_video_joins_on_the_same_clock(fresh: Player) -> None:
    player = fresh
    player.still(1.0)
    expect(player.button("video")).to_be_disabled()
    player.key("v")
    assert player.value("p.view") == "3d"
    player.value("(p.video = 'wave.mp4', 0)")
    expect(player.button("video")).to_be_enabled(timeout=15_000)
    assert player.frame == 25  # its coming disturbs nothing
    player.key("v")
    assert player.value("p.view") == "video"
    for frame in (25, 60, 61):
        player.value(f"p.seek({frame} / 25)")
        left, right = grey(player, 2 * frame + 20)
        assert right == pytest.approx(2 * frame + 20, abs=1.01)
        assert left < 10
    player.key("m")
    left, right = grey(player)
    assert left == pytest.approx(2 * 61 + 20, abs=1.01)
    player.key("m", "Home", ">", ">", " ")
    player.wait("p.clock.frame > 20")
    video = "p.shadowRoot.querySelector('video')"
    assert player.value(f"{video}.playbackRate") == 1.5
    assert abs(player.value(f"p.clock.time - {video}.currentTime")) < 0.45
    player.wait("!p.clock.playing")
    assert player.frame == FRAMES - 1
    player.key("l", " ")
    player.wait("p.clock.playing && p.clock.frame > 3 && p.clock.frame < 50")
    player.key(" ", "v")
    assert player.value("p.view") == "3d"
    assert player.value(f"{video}.paused") is True


def test_a_new_load_replaces_the_old_one(fresh: Player) -> None:
    player = fresh
    player.still(2.4)
    player.value("(p.video = 'wave.mp4', 0)")
    player.button("video").click()
    cue = {"start": 1, "end": 2, "gloss": "<img src=x>", "word": "Bold", "kind": "sign", "sentence": 0}
    spec = {"glb": "wave.glb?2", "fps": 25, "duration": 4, "sentences": ["<b>Bold</b>"], "cues": [cue]}
    player.value(f"p.load({json.dumps(spec)})")
    player.still(1.5)
    assert player.value("p.view") == "3d"
    expect(player.button("video")).to_be_disabled()
    expect(player.page.locator("sign-player .chip")).to_have_text(["<img src=x>"])
    expect(player.page.locator("sign-player .sentence")).to_have_text("<b>Bold</b>")
    assert player.page.locator("sign-player canvas").count() == 1
    player.value("document.body.append(p)")  # moved in the page, as a framework may do
    player.still(1.0)
    assert player.page.locator("sign-player canvas").count() == 1
    assert inked(player.picture()).mean() > 0.1


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_overflows_and_the_picture_follows(player: Player, width: int) -> None:
    player.page.set_viewport_size({"width": width, "height": 800})
    player.wait(
        "Math.abs(p.shadowRoot.querySelector('canvas').width - p.shadowRoot.querySelector('.stage').clientWidth) < 2"
    )
    assert player.value("document.documentElement.scrollWidth") <= width
    for element in player.page.locator("sign-player .bar button:visible, sign-player select, sign-player .scrub").all():
        box = element.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 44
    player.page.set_viewport_size({"width": 400, "height": 560})


@pytest.mark.parametrize(("width", "height"), [(360, 640), (1280, 800)])
def test_every_control_works_by_hand_on_a_phone_and_on_a_desktop(player: Player, width: int, height: int) -> None:
    player.page.set_viewport_size({"width": width, "height": height})
    player.still(1.0)
    frame, state = player.frame, player.value
    for action, expression, wanted in (
        ("forward", "p.clock.frame", frame + 1), ("back", "p.clock.frame", frame), ("play", "p.clock.playing", True),
        ("play", "p.clock.playing", False), ("side", "p.camera", "side"), ("hands", "p.camera", "hands"),
        ("front", "p.camera", "front"), ("loop", "p.loop", True), ("loop", "p.loop", False),
        ("repeat-sign", "p.clock.only !== null", True), ("repeat-sign", "p.clock.only", None),
        ("mirror", "p.mirror", True), ("mirror", "p.mirror", False), ("only", "p.pictureOnly", True),
        ("leave", "p.pictureOnly", False), ("full", "document.fullscreenElement === p", True),
        ("full", "document.fullscreenElement", None), ("keys", "p.shadowRoot.querySelector('dialog').open", True),
    ):  # fmt: skip
        player.button(action).click()
        player.wait(f"({expression}) === {json.dumps(wanted)}")
    player.page.locator("sign-player dialog .close").click()
    player.value("p.pause()")
    player.page.locator("sign-player select").select_option("0.5")
    assert state("p.speed") == 0.5
    player.page.locator("sign-player .chip", has_text="YOU").click()
    assert state("p.clock.time") == pytest.approx(3.0, abs=0.021)
    bar = player.page.locator("sign-player .scrub").bounding_box()
    assert bar is not None
    player.page.mouse.click(bar["x"] + 1, bar["y"] + bar["height"] / 2)
    assert player.frame < 6
    player.page.locator("sign-player .stage").click(position={"x": 40, "y": 40})
    player.wait("p.clock.playing")
    player.page.locator("sign-player .stage").click(position={"x": 40, "y": 40})
    player.wait("!p.clock.playing")
    player.page.set_viewport_size({"width": 400, "height": 560})


def test_every_control_has_a_name_and_is_reached_by_tab(player: Player) -> None:
    player.still(0)
    nameless = player.value(
        "[...p.shadowRoot.querySelectorAll('button, select, input')]"
        ".filter(e => !e.getAttribute('aria-label') && !e.textContent.trim()).length"
    )
    assert nameless == 0
    player.page.locator("sign-player .stage").focus()
    reached = []
    for _ in range(20):
        player.page.keyboard.press("Tab")
        reached.append(player.value("p.shadowRoot.activeElement?.dataset?.action"))
    wanted = [
        "back",
        "play",
        "forward",
        "front",
        "side",
        "hands",
        "3d",
        "loop",
        "repeat-sign",
        "mirror",
        "only",
        "full",
        "keys",
    ]
    assert [action for action in reached if action] == wanted
    player.button("play").focus()
    outline = player.button("play").evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline == "solid"


LUMINANCE = """(e) => {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const light = (colour) => {
    paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1);
    const [r, g, b] = paint.getImageData(0, 0, 1, 1).data;
    const part = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  let under = e;
  const clear = (n) => getComputedStyle(n).backgroundColor === 'rgba(0, 0, 0, 0)';
  while (clear(under)) under = under.parentElement;
  const [a, b] = [light(getComputedStyle(e).color), light(getComputedStyle(under).backgroundColor)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_aa(player: Player, scheme: Literal["light", "dark"]) -> None:
    player.page.emulate_media(color_scheme=scheme)
    player.still(0.5)
    for selector in (".chip[aria-current]", ".chip:not([aria-current])", ".sentence", ".time", "[aria-pressed=true]",
                     "[data-action=play]", "[data-action=video]", "select"):  # fmt: skip
        ratio = player.page.locator(f"sign-player {selector}").first.evaluate(LUMINANCE)
        assert ratio >= 4.5, (selector, ratio)


def test_reduced_motion_waits_for_the_viewer(fresh: Player) -> None:
    player = fresh.loaded()
    player.page.emulate_media(reduced_motion="reduce")
    player.value("p.load({glb: 'wave.glb?still', fps: 25, duration: 4}), 0")
    player.loaded()
    player.page.wait_for_timeout(200)
    assert player.value("p.clock.playing") is False
    assert player.frame == 0
    assert inked(player.picture()).mean() > 0.1
    player.key(" ")
    player.wait("p.clock.frame > 2")


def test_a_video_alone_is_enough(fresh: Player) -> None:
    player = fresh.loaded()
    player.value("p.load({mp4: 'wave.mp4', fps: 25, duration: 4}), 0")
    player.wait("p.view === 'video'")
    expect(player.button("3d")).to_be_disabled()
    expect(player.button("hands")).to_be_disabled()
    player.key("Home", ".")
    assert player.frame == 1
    assert grey(player, 22)[1] == pytest.approx(22, abs=1.01)


def test_without_webgl_the_video_stands_in(browser: Browser, site: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto(f"{site}?data=wave.json")
    message = page.locator("sign-player .message")
    expect(message).to_contain_text("no 3D")
    page.evaluate("(() => { document.querySelector('sign-player').video = 'wave.mp4' })()")
    expect(page.locator("sign-player video")).to_be_visible()
    expect(message).to_be_hidden()
    expect(page.locator("sign-player [data-action='3d']")).to_be_disabled()
    page.locator("sign-player [data-action='play']").click()
    page.wait_for_function("document.querySelector('sign-player').clock.frame > 5")
    context.close()


@pytest.mark.parametrize(
    ("glb", "says"), [("missing.glb", "could not be loaded"), ("http://example.org/a.glb", "another host")]
)
def test_a_missing_file_and_another_host_are_told(browser: Browser, site: str, glb: str, says: str) -> None:
    player = Player(browser, f"{site}?glb={glb}")
    expect(player.page.locator("sign-player .message")).to_contain_text(says)
    player.value("(p.video = 'wave.mp4', 0)")
    player.wait("p.view === 'video'")
    assert not [url for url in player.requests if "example.org/" in url.split("?")[0]]
    player.context.close()

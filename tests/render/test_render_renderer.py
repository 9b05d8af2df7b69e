import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from sign_models.body import load
from sign_models.errors import SignError
from sign_models.render import CAMERAS, Look, Renderer, gl, probe
from sign_models.render.gl import Canvas
from sign_models.render.renderer import open_canvas
from sign_models.render.surface import surface
from sign_models.render.take import TAKE, Take, takes
from sign_models.skeleton import HANDS, INDEX, JOINTS
from sign_models.types import Mesh

SMALL = Look(size=128)


def part(mesh: Mesh, start: int, stop: int) -> Mesh:
    return Mesh(mesh.vertices[start:stop], mesh.joints[start:stop], mesh.faces, mesh.fps)


def alike(one: Tensor | np.ndarray, other: Tensor | np.ndarray) -> bool:
    """Whether pictures are the same but for the odd pixel of an edge.

    With more than one thread, Mesa's software rasteriser may give one sample of an edge to either of the triangles that
    meet there, from one draw of the very same buffers to the next.
    """
    difference = np.abs(np.asarray(one, dtype=int) - np.asarray(other, dtype=int)).max(-1)
    return bool((difference > 0).mean() < 1e-3 and difference.max() <= 64)


@pytest.fixture(scope="module")
def canvas() -> Iterator[Canvas]:
    one = open_canvas()
    yield one
    one.delete()


@pytest.fixture(scope="module")
def take(mesh: Mesh, colors: Tensor) -> Take:
    return next(takes(part(mesh, 8, 12), colors, SMALL))


def test_video_has_the_frames_size_and_speed_that_were_asked_for(
    renderer: Renderer, mesh: Mesh, colors: Tensor
) -> None:
    video = renderer.render(part(mesh, 0, 3), colors, Look(size=96))
    assert video.frames.shape == (3, 96, 96, 3)
    assert video.fps == mesh.fps


def test_lights_are_summed_in_one_order() -> None:
    """In another order the colours would be one off here and there, and a video would have other bytes each time."""
    scenes = [gl.lit_scene((1.0, 1.0, 1.0))[0] for _ in range(20)]
    orders = [[(tuple(node.light.color), node.light.intensity) for node in scene.light_nodes] for scene in scenes]
    assert all(order == orders[0] for order in orders)
    assert len(set(orders[0])) == len(orders[0]) > 2


def test_background_is_the_chosen_colour_and_the_signer_is_not(renderer: Renderer, mesh: Mesh, colors: Tensor) -> None:
    frame = renderer.render(part(mesh, 0, 1), colors, replace(SMALL, background="#39424e")).frames[0]
    assert (frame[:4] == torch.tensor([0x39, 0x42, 0x4E])).all()
    share = (frame != torch.tensor([0x39, 0x42, 0x4E])).any(-1).float().mean()
    assert 0.15 < share < 0.7


@pytest.mark.parametrize("camera", CAMERAS)
def test_both_raised_hands_are_seen_where_their_joints_are(renderer: Renderer, mesh: Mesh, camera: str) -> None:
    middle = part(mesh, 10, 11)
    weights = load().skin_weights
    for side in HANDS:
        joints = [INDEX[name] for name in JOINTS if name.startswith(f"{side}_") and name[-1] in "123"]
        painted = torch.zeros(len(weights), 3)
        painted[:, 2] = 0.3
        painted[weights[:, joints].sum(1) > 0.5] = torch.tensor([0.0, 1.0, 0.0])
        frame = renderer.render(middle, painted, Look(camera=camera, size=128, background="#000000")).frames[0].int()
        rows, columns = torch.nonzero((frame[..., 1] > 90) & (frame[..., 2] < 60), as_tuple=True)
        assert len(rows) > (20 if camera == "side" else 60)  # from the side one hand may half hide the other
        shot = CAMERAS[camera].frame(middle.joints.double().numpy(), CAMERAS[camera].yaw)
        seen = (middle.joints[0, joints].numpy() - shot.eye[0]) @ shot.turn[0]
        place = 64 + 64 * seen.mean(0)[:2] / -seen.mean(0)[2] / np.tan(np.radians(11)) * [1, -1]
        if camera != "side":
            assert np.hypot(columns.float().mean() - place[0], rows.float().mean() - place[1]) < 8


def test_mirror_swaps_left_and_right(renderer: Renderer, mesh: Mesh, colors: Tensor) -> None:
    straight = renderer.render(part(mesh, 9, 11), colors, SMALL).frames
    mirrored = renderer.render(part(mesh, 9, 11), colors, replace(SMALL, mirror=True)).frames
    assert alike(mirrored, straight.flip(2))
    assert not alike(mirrored, straight)


def test_the_first_row_is_the_top_and_red_comes_first(renderer: Renderer, mesh: Mesh) -> None:
    red = torch.tensor([[255, 0, 0, 255]], dtype=torch.uint8).expand(mesh.vertices.shape[1], 4)
    frame = renderer.render(part(mesh, 0, 1), red, replace(SMALL, background="#0000ff")).frames[0]
    assert (frame[0] == torch.tensor([0, 0, 255])).all()
    middle = frame[-1, 64]
    assert middle[0] > 100
    assert middle[2] == 0


def test_colours_as_bytes_and_as_floats_give_the_same_picture(renderer: Renderer, mesh: Mesh, colors: Tensor) -> None:
    as_bytes = (colors * 255).round().to(torch.uint8)
    one = renderer.render(part(mesh, 5, 6), as_bytes, SMALL).frames
    assert alike(one, renderer.render(part(mesh, 5, 6), as_bytes[:, :3].float() / 255, SMALL).frames)


def test_rewriting_the_buffers_gives_the_picture_of_a_fresh_mesh(canvas: Canvas, take: Take) -> None:
    together = canvas.draw(take)
    for frame in range(len(together)):
        alone = replace(take, positions=take.positions[frame : frame + 1], poses=take.poses[frame : frame + 1])
        assert alike(canvas.draw(alone)[0], together[frame])
    assert not alike(together[0], together[1])


@pytest.mark.parametrize("camera", CAMERAS)
def test_leaving_out_what_the_camera_cannot_see_changes_nothing(
    canvas: Canvas, mesh: Mesh, colors: Tensor, camera: str
) -> None:
    some = next(takes(part(mesh, 9, 11), colors, replace(SMALL, camera=camera)))
    everything = replace(some, surface=surface(mesh.faces.numpy(), mesh.vertices.shape[1]))
    assert len(some.surface.drawn) < 0.95 * len(everything.surface.drawn)
    assert alike(canvas.draw(some), canvas.draw(everything))


def test_many_callers_at_once_each_get_their_own_pictures(renderer: Renderer, mesh: Mesh, colors: Tensor) -> None:
    jobs = [
        (part(mesh, start, start + 2), Look(camera=camera, size=size, mirror=start > 4))
        for start in (2, 9)
        for camera, size in (("front", 64), ("hands", 96), ("side", 64), ("front", 96))
    ]
    alone = [renderer.render(clip, colors, look).frames for clip, look in jobs]
    with ThreadPoolExecutor(len(jobs)) as pool:
        together = list(pool.map(lambda job: renderer.render(job[0], colors, job[1]).frames, jobs))
    for one, other in zip(alone, together, strict=True):
        assert alike(one, other)


def test_two_renderers_do_not_disturb_each_other(renderer: Renderer, mesh: Mesh, colors: Tensor) -> None:
    before = renderer.render(part(mesh, 0, 1), colors, SMALL).frames
    with Renderer() as other:
        assert alike(other.render(part(mesh, 0, 1), colors, SMALL).frames, before)
    assert alike(renderer.render(part(mesh, 0, 1), colors, SMALL).frames, before)


def test_after_an_error_in_gl_the_next_request_is_served(
    renderer: Renderer, mesh: Mesh, colors: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = part(mesh, 0, 2)
    before = renderer.render(clip, colors, SMALL).frames
    with monkeypatch.context() as patch:
        patch.setattr(gl._Stream, "show", lambda stream, frame: gl.GL.glBindBuffer(0xFFFF, 0))
        with pytest.raises(gl.OpenGL.error.Error):
            renderer.render(clip, colors, SMALL)
    assert alike(renderer.render(clip, colors, SMALL).frames, before)


def test_steps_are_told_and_may_stop_the_work(renderer: Renderer, mesh: Mesh, colors: Tensor) -> None:
    class Stop(Exception):
        pass

    steps: list[tuple[int, int]] = []

    def told(done: int, total: int) -> None:
        steps.append((done, total))
        if done == 3:
            raise Stop

    with pytest.raises(Stop):
        renderer.render(mesh, colors, Look(size=64), told)
    assert steps == [(1, len(mesh)), (2, len(mesh)), (3, len(mesh))]
    assert len(renderer.render(part(mesh, 0, 1), colors, Look(size=64))) == 1


def test_frames_are_drawn_only_a_little_ahead_of_the_reader(
    renderer: Renderer, mesh: Mesh, colors: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    draw = Canvas.draw

    def counted(canvas: Canvas, take: Take) -> np.ndarray:
        drawn.append(len(take.positions))
        return draw(canvas, take)

    monkeypatch.setattr(Canvas, "draw", counted)
    index = torch.arange(4 * TAKE) % len(mesh)
    long = Mesh(mesh.vertices[index], mesh.joints[index], mesh.faces)
    frames = renderer.frames(long, colors, Look(size=64))
    next(frames)
    renderer.device()  # waits in the same queue, so all that was asked for has been drawn now
    assert drawn == [TAKE, TAKE]
    assert sum(1 for _ in frames) == len(long) - 1
    assert sum(drawn) == len(long)


def test_a_closed_renderer_says_so(mesh: Mesh, colors: Tensor) -> None:
    one = Renderer()
    one.close()
    one.close()
    with pytest.raises(ValueError, match="closed"):
        one.render(part(mesh, 0, 1), colors)


def test_wrong_colours_and_broken_vertices_are_refused(renderer: Renderer, mesh: Mesh, colors: Tensor) -> None:
    with pytest.raises(ValueError, match="colors has shape"):
        renderer.render(part(mesh, 0, 1), colors[:-1])
    broken = mesh.vertices[:1].clone()
    broken[0, 7, 1] = float("nan")
    with pytest.raises(ValueError, match="not finite"):
        renderer.render(Mesh(broken, mesh.joints[:1], mesh.faces), colors)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"camera": "drone"}, "front, side, hands"),
        ({"size": 511}, "511"),
        ({"size": 4096}, "2048"),
        ({"background": "blue"}, "#rrggbb"),
        ({"background": "#12345g"}, "#rrggbb"),
    ],
)
def test_a_look_that_cannot_be_had_is_refused_in_one_sentence(wrong: dict[str, str | int], says: str) -> None:
    with pytest.raises(SignError, match=says):
        Look(**wrong)  # type: ignore[arg-type]


def test_probe_names_who_draws(renderer: Renderer) -> None:
    device = renderer.device()
    assert "OpenGL" in device
    assert probe() == device


@pytest.mark.parametrize(
    ("name", "value"),
    [("PYOPENGL_PLATFORM", "nonsense"), ("__EGL_VENDOR_LIBRARY_FILENAMES", "/nowhere")],
)
def test_without_gl_probe_and_renderer_give_the_remedy(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SignError, match="apt install libegl1") as told:
        probe()
    script = (
        "from sign_models.errors import SignError\n"
        "from sign_models.render import Renderer\n"
        "try:\n    Renderer().device()\n"
        "except SignError as error:\n    print(error)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(told.value)
    assert run.stdout.count("\n") == 1

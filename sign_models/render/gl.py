"""The one door to pyrender and OpenGL. A canvas belongs to the thread that made it, as every GL context does.

Importing this file fails where OpenGL is not installed, so it is imported when the first picture is asked for.
"""

import os
from pathlib import Path

os.environ.setdefault("PYOPENGL_PLATFORM", "egl")  # must be decided before the first import of OpenGL

import numpy as np
import OpenGL.error
import pyrender
from numpy.typing import NDArray
from OpenGL import GL
from pyrender.constants import RenderFlags
from pyrender.platforms.base import Platform
from pyrender.shader_program import ShaderProgram, ShaderProgramCache

from sign_models.render.cameras import FIELD_OF_VIEW
from sign_models.render.look import AMBIENT, LIGHTS, METALLIC, ROUGHNESS, Light
from sign_models.render.take import Take

SHADERS = Path(__file__).parent / "shaders"


def light_pose(light: Light) -> NDArray[np.float64]:
    """(4, 4) of a pyrender light node, which shines along its own -z."""
    back = np.asarray(light.towards) / np.linalg.norm(light.towards)
    right = np.cross((0.0, 1.0, 0.0), back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
    return pose


class _Lamp(pyrender.Node):
    """A light. pyrender keeps lights in sets: their number as hash has them summed in one order, for the same bytes."""

    def __init__(self, number: int, light: Light) -> None:
        self.number = number
        super().__init__(light=pyrender.DirectionalLight(light.color, light.intensity), matrix=light_pose(light))

    def __hash__(self) -> int:
        return self.number


def lit_scene(background: tuple[float, float, float]) -> tuple[pyrender.Scene, pyrender.Node]:
    """A scene with our lights and a camera but no mesh, and the camera's node."""
    scene = pyrender.Scene(bg_color=[*background, 1.0], ambient_light=[AMBIENT] * 3)
    for number, light in enumerate(LIGHTS):
        scene.add_node(_Lamp(number, light))
    camera = pyrender.PerspectiveCamera(yfov=float(FIELD_OF_VIEW), znear=0.05, zfar=20.0, aspectRatio=1.0)
    return scene, scene.add(camera)


class _Renderer(pyrender.Renderer):
    """pyrender's renderer with our shaders; it reads back colour alone, in the order the rasteriser keeps it in."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(width, height)
        self._program_cache = ShaderProgramCache(str(SHADERS))

    def _get_primitive_program(self, primitive: pyrender.Primitive, flags: int, program_flags: int) -> ShaderProgram:
        self._program = super()._get_primitive_program(primitive, flags, program_flags)
        return self._program

    def render_again(self, scene: pyrender.Scene, primitive: pyrender.Primitive) -> NDArray[np.uint8]:
        """What ``render`` gives, when since the last one only the vertices and the camera's pose have changed."""
        GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, self._main_fb_ms)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT | GL.GL_DEPTH_BUFFER_BIT)
        self._program._bind()
        self._program.set_uniform("V", self._get_camera_matrices(scene)[0])
        self._program.set_uniform("cam_pos", scene.get_pose(scene.main_camera_node)[:3, 3])
        primitive._bind()
        GL.glDrawElements(GL.GL_TRIANGLES, primitive.indices.size, GL.GL_UNSIGNED_INT, None)
        primitive._unbind()
        return self._read_main_framebuffer(scene, RenderFlags.NONE)

    def _read_main_framebuffer(self, scene: pyrender.Scene, flags: int) -> NDArray[np.uint8]:
        """(h, w, 4) blue, green, red, alpha; lowest row first."""
        width, height = self._main_fb_dims
        GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, self._main_fb_ms)
        GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, self._main_fb)
        GL.glBlitFramebuffer(0, 0, width, height, 0, 0, width, height, GL.GL_COLOR_BUFFER_BIT, GL.GL_NEAREST)
        GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, self._main_fb)
        pixels = np.empty((height, width, 4), dtype=np.uint8)
        GL.glReadPixels(0, 0, width, height, GL.GL_BGRA, GL.GL_UNSIGNED_BYTE, pixels)
        return pixels


def _on_egl() -> bool:
    return os.environ["PYOPENGL_PLATFORM"] == "egl"


def _open_egl(width: int, height: int) -> Platform:
    """The first EGL device that works: where the graphics card is locked to us, the software device comes after it."""
    from pyrender.platforms import egl

    failures = []
    for device in egl.query_devices():
        platform = egl.EGLPlatform(width, height, device=device)
        try:
            platform.init_context()
        except (AssertionError, OpenGL.error.Error) as error:
            failures.append(f"{device}: {error!r}")
        else:
            return platform
    raise RuntimeError(f"no EGL device can be used: {'; '.join(failures) or 'none was found'}")


def _release_egl(platform: Platform) -> None:
    from OpenGL import EGL

    display, context = platform._egl_display, platform._egl_context
    EGL.eglMakeCurrent(display, EGL.EGL_NO_SURFACE, EGL.EGL_NO_SURFACE, EGL.EGL_NO_CONTEXT)
    EGL.eglDestroyContext(display, context)


class Canvas(pyrender.OffscreenRenderer):
    """An off-screen GL context that draws takes. To be made, used and closed on one thread."""

    def __init__(self) -> None:
        super().__init__(64, 64)

    def _create(self) -> None:
        if _on_egl() and "EGL_DEVICE_ID" not in os.environ:
            self._platform = _open_egl(self.viewport_width, self.viewport_height)
            self._platform.make_current()
        else:
            super()._create()
        self._renderer = _Renderer(self.viewport_width, self.viewport_height)

    def device(self) -> str:
        """Who draws, e.g. ``llvmpipe (LLVM 15.0.6, 256 bits), OpenGL 4.5 ...``."""
        name, version = (GL.glGetString(key).decode() for key in (GL.GL_RENDERER, GL.GL_VERSION))
        return f"{name}, OpenGL {version}"

    def draw(self, take: Take) -> NDArray[np.uint8]:
        """(t, h, w, 3) red, green, blue; highest row first."""
        self.viewport_width = self.viewport_height = take.size
        scene, camera = lit_scene(take.background)
        stream = _Stream(take)
        scene.add(pyrender.Mesh([stream.primitive]))
        frames = np.empty((len(take.positions), take.size, take.size, 3), dtype=np.uint8)
        for frame, pose in zip(range(len(frames)), take.poses, strict=True):
            scene.set_pose(camera, pose)
            if frame == 0:
                pixels = self.render(scene)
            else:
                stream.show(frame)
                pixels = self._renderer.render_again(scene, stream.primitive)
            pixels = pixels[::-1, :: -1 if take.mirror else 1]
            for channel in range(3):  # three strided copies are four times as fast as one with a reversed last axis
                frames[frame, :, :, channel] = pixels[:, :, 2 - channel]
        return frames

    def delete(self) -> None:
        """Frees the GL context, and only it: pyrender would also shut down the display, under every other context."""
        if self._platform is None:
            return
        self._platform.make_current()
        self._renderer.delete()
        if _on_egl():
            _release_egl(self._platform)
        else:
            self._platform.delete_context()
        self._platform = None


class _Stream:
    """One mesh on the GPU whose positions and normals are rewritten in place."""

    def __init__(self, take: Take) -> None:
        vertices = take.surface.vertices
        self.take = take
        self.data = np.empty((len(vertices), 10), dtype=np.float32)  # position, normal, colour: pyrender's own layout
        self.data[:, 6:9] = take.colors[vertices]
        self.data[:, 9] = 1.0
        self._fill(0)
        self.primitive = pyrender.Primitive(
            self.data[:, :3],
            normals=self.data[:, 3:6],
            color_0=self.data[:, 6:],
            indices=take.surface.drawn,
            material=pyrender.MetallicRoughnessMaterial(metallicFactor=METALLIC, roughnessFactor=ROUGHNESS),
        )

    def _fill(self, frame: int) -> None:
        positions = self.take.positions[frame].take(self.take.surface.vertices, axis=0)
        self.data[:, :3] = positions
        self.data[:, 3:6] = self.take.surface.normals(positions)

    def show(self, frame: int) -> None:
        """Makes ``frame`` the one that is drawn next; frame 0 is there from the start."""
        self._fill(frame)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self.primitive._buffers[0])
        GL.glBufferSubData(GL.GL_ARRAY_BUFFER, 0, self.data.nbytes, self.data)

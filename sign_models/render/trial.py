"""Whether pictures can be drawn here: tried out in a process of its own, because a broken driver may take one down."""

import subprocess
import sys

import numpy as np

from sign_models.errors import SignError
from sign_models.render.renderer import NO_GL, open_canvas
from sign_models.render.surface import surface
from sign_models.render.take import Take

SECONDS = 60
REFUSED = 3
"""Exit code of the trial process when its output is the sentence for the user."""


def probe() -> str:
    """Who draws here, e.g. ``llvmpipe (LLVM 15.0.6, 256 bits), OpenGL 4.5 ...``; SignError with the remedy if none."""
    command = [sys.executable, "-c", f"import sys, {__name__} as trial; sys.exit(trial.main())"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise SignError(NO_GL.format(reason=f"there was no answer in {SECONDS} seconds")) from error
    if run.returncode == 0:
        return run.stdout.strip()
    if run.returncode == REFUSED:
        raise SignError(run.stdout.strip())
    last = (run.stderr.strip() or f"the process ended with code {run.returncode}").splitlines()[-1]
    raise SignError(NO_GL.format(reason=last))


def _triangle() -> Take:
    """A red triangle over the whole of a 16 x 16 picture, and a camera that looks at it from one metre away."""
    corners = np.array([[[-1, -1, 0], [1, -1, 0], [0, 1, 0]]], dtype=np.float32)
    pose = np.eye(4)
    pose[2, 3] = 1.0
    red = np.tile(np.array([1, 0, 0], dtype=np.float32), (3, 1))
    return Take(surface(np.array([[0, 1, 2]]), 3), corners, red, pose[None], 16, (1.0, 1.0, 1.0), False)


def main() -> int:
    """Draws the triangle; prints who drew it."""
    try:
        canvas = open_canvas()
    except SignError as error:
        print(error)
        return REFUSED
    red, green, _ = canvas.draw(_triangle())[0, 8, 8]
    if red < 100 or green > 50:
        print(f"the trial picture came out wrong: red {red}, green {green}", file=sys.stderr)
        return 1
    print(canvas.device())
    return 0

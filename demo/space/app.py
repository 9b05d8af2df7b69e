"""The page as a Hugging Face Space. On ZeroGPU the network runs inside ``spaces.GPU``; drawing stays outside of it."""

import os
import tempfile
from pathlib import Path

try:  # before torch: on ZeroGPU it must be first; elsewhere there is no such package
    import spaces
except ImportError:
    spaces = None

from demo.app import launch
from demo.service import OnStep, Request, Service
from sign_models.registry import sign_text
from sign_models.types import SignResult

SECONDS = 30
"""Longest use of the GPU for one text."""


class SpaceService(Service):
    """Signs in ZeroGPU's own process where there is one. Progress cannot cross to it, so none is told from there."""

    def generate(self, request: Request, on_step: OnStep | None = None) -> SignResult:
        if spaces is None:
            return super().generate(request, on_step)
        return on_gpu(request)


def on_gpu(request: Request) -> SignResult:
    """Text to motion; request and result are pickled on their way."""
    return sign_text(request.text, request.language, request.manner, opening=request.opening)


if spaces is not None:
    on_gpu = spaces.GPU(duration=SECONDS)(on_gpu)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sign-models-") as folder:
        os.environ.setdefault("GRADIO_TEMP_DIR", str(Path(folder) / "gradio"))
        launch(
            SpaceService(Path(folder)),
            server_name=os.environ.get("GRADIO_SERVER_NAME", "0.0.0.0"),
            server_port=int(os.environ.get("GRADIO_SERVER_PORT", "7860")),
        )


if __name__ == "__main__":
    main()

"""The page as a Hugging Face Space. On ZeroGPU the network runs inside ``spaces.GPU``; drawing stays outside of it."""

import os
import tempfile
from pathlib import Path
from threading import Thread

try:  # before torch: on ZeroGPU it must be first; elsewhere there is no such package
    import spaces
except ImportError:
    spaces = None

from demo.app import launch
from demo.service import OnStep, Request, Service
from sign_models.registry import Own, sign_text
from sign_models.types import SignResult

SECONDS = 30
"""Longest use of the GPU for one text."""


class SpaceService(Service):
    """Signs in ZeroGPU's own process where there is one. Progress cannot cross to it, so none is told from there."""

    def generate(self, request: Request, on_step: OnStep | None = None) -> SignResult:
        if spaces is None:
            return super().generate(request, on_step)
        return on_gpu(request, self._own(request.own))


def on_gpu(request: Request, own: Own | None) -> SignResult:
    """Text to motion; request, the visitor's own dictionary files and result are pickled on their way."""
    return sign_text(request.text, request.language, request.manner, own=own, opening=request.opening)


if spaces is not None:
    on_gpu = spaces.GPU(duration=SECONDS)(on_gpu)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sign-models-") as folder:
        os.environ.setdefault("GRADIO_TEMP_DIR", str(Path(folder) / "gradio"))
        service = SpaceService(Path(folder))
        page = launch(
            service,
            server_name=os.environ.get("GRADIO_SERVER_NAME", "0.0.0.0"),
            server_port=int(os.environ.get("GRADIO_SERVER_PORT", "7860")),
            prevent_thread_lock=True,
        )
        Thread(target=service.warm, daemon=True).start()  # the page answers first, whatever has to be read
        page.block_thread()


if __name__ == "__main__":
    main()

"""The page as a Hugging Face Space. On ZeroGPU the network runs inside ``spaces.GPU``; drawing stays outside of it."""

import os
import sys
import tempfile
from pathlib import Path

try:  # before torch: on ZeroGPU it must be first; elsewhere there is no such package
    import spaces
except ImportError:
    spaces = None

from demo.app import launch
from demo.service import Service

SECONDS = 30
"""Longest use of the GPU for one text."""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sign-models-") as folder:
        os.environ.setdefault("GRADIO_TEMP_DIR", str(Path(folder) / "gradio"))
        service = Service(Path(folder))
        if spaces is not None:
            service.generate = spaces.GPU(duration=SECONDS)(service.generate)
        launch(
            service,
            server_name=os.environ.get("GRADIO_SERVER_NAME", "0.0.0.0"),
            server_port=int(os.environ.get("GRADIO_SERVER_PORT", "7860")),
        )


if __name__ == "__main__":
    sys.exit(main())

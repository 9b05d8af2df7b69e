"""What turns clips into the numbers whose distance is measured: an exchangeable part that says its name.

"FVD" is the name of one of them only: I3D of Kinetics-400, when its file is given and gives the known answer.
"""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from sign_models.errors import SignError
from train.data.video_store import as_input
from train.metrics.distances import frechet
from train.metrics.recogniser import SignRecogniser, codes

KNOWN_ANSWER = 151.26
"""FVD of 8 black clips against 8 white ones, 30 frames of 64 x 64 (common_metrics_on_video_quality; 151.39 in TF)."""
TOLERANCE = 0.5
I3D_SIDE = 224
I3D_SHORTEST = 10
"""Frames; it pools over time so often that fewer leave nothing."""


class ClipFeatures(Protocol):
    """frechet, kernel: what the distances are called with these features."""

    frechet: str
    kernel: str

    def of(self, frames: Tensor) -> NDArray[np.float64]:
        """(n, t, h, w, 3) uint8 -> (n, d)."""


class RecogniserFeatures:
    """The code of our own sign recogniser: sensitive to what is signed, and to be compared with itself only."""

    frechet = "Fréchet distance (sign recogniser)"
    kernel = "kernel distance (sign recogniser)"

    def __init__(self, recogniser: SignRecogniser) -> None:
        self._recogniser = recogniser

    def of(self, frames: Tensor) -> NDArray[np.float64]:
        return codes(self._recogniser, frames).numpy()


class I3dFeatures:
    """I3D's 400 logits from its TorchScript file, which gave the known answer."""

    frechet, kernel = "FVD", "KVD"

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise SignError(f"There is no I3D network at {path}; give its TorchScript file or leave the setting out.")
        try:
            self._network: Any = torch.jit.load(str(path), map_location="cpu").eval()
            answer = self._known_answer()
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise SignError(f"{path.name} is not I3D as TorchScript ({reason}); give i3d_torchscript.pt.") from error
        if not abs(answer - KNOWN_ANSWER) <= TOLERANCE:
            raise SignError(
                f"{path.name} puts black and white clips {answer:.2f} apart, I3D {KNOWN_ANSWER}; what it measures is "
                "not FVD: give i3d_torchscript.pt or leave the setting out."
            )

    def of(self, frames: Tensor) -> NDArray[np.float64]:
        if frames.shape[1] < I3D_SHORTEST:
            raise SignError(f"I3D needs {I3D_SHORTEST} frames or more; these clips have {frames.shape[1]}.")
        return np.concatenate([self._one(frame[None]) for frame in frames])

    @torch.no_grad()
    def _one(self, frames: Tensor) -> NDArray[np.float64]:
        clip = as_input(frames)
        b, c, t, _, _ = clip.shape
        flat = clip.transpose(1, 2).reshape(b * t, c, *clip.shape[-2:])
        large = functional.interpolate(flat, (I3D_SIDE, I3D_SIDE), mode="bilinear", align_corners=False)
        made = self._network(
            large.view(b, t, c, I3D_SIDE, I3D_SIDE).transpose(1, 2), rescale=False, resize=False, return_features=True
        )
        return np.asarray(made.double().numpy())

    def _known_answer(self) -> float:
        # all eight clips of a colour are alike, so two of them tell mean and covariance
        black = torch.zeros(2, 30, 64, 64, 3, dtype=torch.uint8)
        return frechet(self.of(black), self.of(black + 255))

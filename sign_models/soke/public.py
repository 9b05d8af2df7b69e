"""Import of the published ``tokenizer.ckpt`` (soke.md section 10.1), without executing anything that is in it.

torch reads it with ``weights_only=True``; whatever it pickles besides tensors (word vectors, settings of the training)
becomes an empty stand-in.
"""

import hashlib
import pickle
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sign_models.errors import SignError
from sign_models.soke.generator import save_tokenizer
from sign_models.soke.statistics import read_statistics
from sign_models.soke.tokenizer import PartVqVae, SignTokenizer, TokenizerConfig

HASH = "1b225a317af368a84a37788be07c88af76582223c821d3c55734f73d6a18316c"
"""SHA-256 of the published file."""

PUBLISHED = TokenizerConfig(flat_hands=False, expression_space="smplx")

_OWNERS = {"motion_vae": 0, "vae": 0, "hand_vae": 1, "rhand_vae": 2}
"""Their module -> the row of our parts: ``hand_vae`` is the left hand."""

_KEY = re.compile(r"(?:.*\.)?(motion_vae|rhand_vae|hand_vae|vae)\.(.+)")

_NAMES = (
    (r"(encoder|decoder)\.model\.0\.", r"\1.enter."),
    (r"encoder\.model\.4\.", r"encoder.leave."),
    (r"decoder\.model\.4\.", r"decoder.smooth."),
    (r"decoder\.model\.6\.", r"decoder.leave."),
    (r"encoder\.model\.(\d)\.0\.", r"encoder.shrink.<\1>."),
    (r"decoder\.model\.(\d)\.2\.", r"decoder.grow.<\1>."),
    (r"encoder\.model\.(\d)\.1\.model\.(\d)\.", r"encoder.blocks.<\1>.\2."),
    (r"decoder\.model\.(\d)\.0\.model\.(\d)\.", r"decoder.blocks.<\1>.\2."),
)
"""Their names -> ours; a layer in <> counts from 2 there and from 0 here."""


class _StandIn:
    """Takes the place of every object that is no tensor, whatever it was made of, and keeps nothing of it."""

    def __new__(cls, *_: object, **__: object) -> "_StandIn":
        return super().__new__(cls)

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __setstate__(self, _: object) -> None:
        pass


def _mapping(*_: object) -> dict[object, object]:
    """In the place of mappings that are filled while the file is read."""
    return {}


_FILLED = ("collections.defaultdict", "builtins.dict", "__builtin__.dict")


@dataclass(frozen=True)
class Found:
    """What a file held. known: it is the published one, by its hash. ignored: tensors that belong to no tokenizer."""

    tensors: int
    ignored: int
    known: bool
    sha256: str

    def __str__(self) -> str:
        which = "the published tokenizer" if self.known else "not the published file, but of its shapes"
        return (
            f"{self.tensors} tensors of three VQ-VAEs, {self.ignored} others left out; "
            f"SHA-256 {self.sha256[:12]}…, {which}"
        )


def convert_tokenizer(file: Path, out: Path, statistics: Path | None = None) -> Found:
    """tokenizer.ckpt -> a folder that ``soke.generator.read_tokenizer`` reads.

    statistics: the folder with mean.pt and std.pt; without it they are looked for beside ``file``.
    """
    if not file.is_file():
        raise SignError(f"There is no file {file}; SOKE's authors publish tokenizer.ckpt.")
    mean, std = read_statistics(statistics or file.parent)
    tokenizer = SignTokenizer(PUBLISHED)
    tensors, ignored = fill_tokenizer(tokenizer, read_state(file))
    tokenizer.mean.copy_(mean)
    tokenizer.std.copy_(std)
    save_tokenizer(out, tokenizer)
    sha256 = _sha256(file)
    return Found(tensors, ignored, sha256 == HASH, sha256)


def read_state(file: Path) -> Mapping[str, Any]:
    """The tensors of a Lightning checkpoint by name; nothing else of it is kept, nothing in it is run."""
    if not zipfile.is_zipfile(file):
        raise SignError(f"{file.name} is not a torch checkpoint, which is a zip archive; download it again.")
    try:
        others = torch.serialization.get_unsafe_globals_in_checkpoint(file)
        with torch.serialization.safe_globals([(_mapping if name in _FILLED else _StandIn, name) for name in others]):
            whole = torch.load(file, weights_only=True, map_location="cpu")
    except pickle.UnpicklingError as error:
        reason = str(error).partition("\n")[0]
        raise SignError(f"{file.name} holds more than weights and was not read ({reason}).") from error
    except (RuntimeError, EOFError, ValueError, KeyError, IndexError) as error:
        raise SignError(f"{file.name} is not a torch checkpoint ({error}).") from error
    state = whole.get("state_dict") if isinstance(whole, dict) else None
    if not isinstance(state, Mapping):
        raise SignError(f'{file.name} has no "state_dict"; a checkpoint of SOKE is needed.')
    return state


@torch.no_grad()
def fill_tokenizer(tokenizer: SignTokenizer, state: Mapping[str, Any]) -> tuple[int, int]:
    """(tensors used, tensors ignored)."""
    theirs: list[dict[str, Tensor]] = [{} for _ in tokenizer.vaes]
    for key, value in state.items():
        match = _KEY.fullmatch(key)
        if match and not key.startswith(("_losses.", "metrics.")) and isinstance(value, Tensor):
            theirs[_OWNERS[match[1]]][_our_name(match[2])] = value
    wrong = []
    for part, vae, found in zip(tokenizer.parts, tokenizer.vaes, theirs, strict=True):
        assert isinstance(vae, PartVqVae)
        own = {name: value for name, value in vae.state_dict().items() if not _is_count(name)}
        wrong += [f"{part.name} {name} is missing" for name in own.keys() - found.keys()]
        wrong += [f"{part.name} {name} is unknown" for name in found.keys() - own.keys()]
        for name in own.keys() & found.keys():
            if own[name].shape == found[name].shape:
                own[name].copy_(found[name])
            else:
                wrong.append(f"{part.name} {name} is {tuple(found[name].shape)}, not {tuple(own[name].shape)}")
        # the published file keeps no moving averages: start them from the codes
        vae.quantizer.code_sum.copy_(vae.quantizer.codebook)
        vae.quantizer.code_count.fill_(1.0)
        vae.quantizer.ready.fill_(True)
    if wrong:
        raise SignError(f"The file is not SOKE's tokenizer: {'; '.join(sorted(wrong)[:6])} ({len(wrong)} differences).")
    used = sum(len(found) for found in theirs)
    return used, len(state) - used


def _our_name(name: str) -> str:
    for pattern, ours in _NAMES:
        if re.match(pattern, name):
            name = re.sub(pattern, ours, name)
            break
    name = re.sub(r"<(\d)>", lambda match: str(int(match[1]) - 2), name)
    return name.replace("conv1.", "wide.").replace("conv2.", "point.")


def published_names() -> dict[str, str]:
    """Our name of each tensor of a part -> theirs."""
    layers = [f"{side}.model.{i}" for side, places in (("encoder", (0, 4)), ("decoder", (0, 4, 6))) for i in places]
    for level in (2, 3):
        layers += [f"encoder.model.{level}.0", f"decoder.model.{level}.2"]
        for blocks in (f"encoder.model.{level}.1", f"decoder.model.{level}.0"):
            layers += [f"{blocks}.model.{block}.conv{conv}" for block in range(3) for conv in (1, 2)]
    theirs = [f"{layer}.{kind}" for layer in layers for kind in ("weight", "bias")] + ["quantizer.codebook"]
    return {_our_name(name): name for name in theirs}


def _is_count(name: str) -> bool:
    return name in ("quantizer.code_sum", "quantizer.code_count", "quantizer.ready")


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

"""Reads the pickles of public data sets without executing anything from them: plain values and numpy arrays only."""

import gzip
import pickle
from pathlib import Path
from typing import IO, Any

from sign_models.errors import SignError

_CORES = ("numpy.core", "numpy._core")

ALLOWED = frozenset(
    {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode"), ("collections", "OrderedDict")}
    | {(f"{core}.multiarray", name) for core in _CORES for name in ("_reconstruct", "scalar")}
    | {(f"{core}.numeric", "_frombuffer") for core in _CORES}
)
"""Everything that a pickle of arrays, texts and numbers names."""


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise SignError(f"it wants to use {module}.{name}, which no data set needs")
        return super().find_class(module, name)


def read_pickle(path: Path) -> Any:
    """The value of one pickle file; SignError when it holds anything but plain values and arrays."""
    with path.open("rb") as file:
        return _load(file, path)


def read_gzip_pickle(path: Path) -> Any:
    with gzip.open(path, "rb") as file:
        return _load(file, path)  # type: ignore[arg-type]


def _load(file: IO[bytes], path: Path) -> Any:
    try:
        return _PlainUnpickler(file).load()
    except SignError as error:
        raise SignError(f"{path.name} was not read: {error}; it may be harmful.") from error
    except (
        pickle.UnpicklingError,
        EOFError,
        OSError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        KeyError,
    ) as error:
        raise SignError(f"{path.name} is not a readable pickle ({error}).") from error

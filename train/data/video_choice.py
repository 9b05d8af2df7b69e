"""Which clips of a store a training uses: some signs and some signers, so that a small machine can learn them well."""

from collections.abc import Iterable
from dataclasses import dataclass

from sign_models.errors import SignError
from train.data.video_store import VideoStore


@dataclass(frozen=True)
class Choice:
    """signs: so many of each language, in the store's order; 0 for all. glosses: exactly these instead. signers: all
    when empty. validate: the splits that training is watched with."""

    signs: int = 0
    glosses: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    validate: tuple[str, ...] = ("val",)


def chosen_glosses(store: VideoStore, choice: Choice) -> tuple[str, ...]:
    """In the store's order; SignError names what it does not have."""
    language = {clip.gloss: clip.language for clip in store.clips}  # in order of first use
    _known(choice.glosses, language, "glosses", store)
    if choice.glosses:
        return tuple(gloss for gloss in language if gloss in choice.glosses)
    if not choice.signs:
        return tuple(language)
    taken: dict[str, list[str]] = {}
    for gloss, of in language.items():
        taken.setdefault(of, []).append(gloss)
    return tuple(gloss for glosses in taken.values() for gloss in glosses[: choice.signs])


def chosen_clips(store: VideoStore, choice: Choice, *splits: str) -> list[int]:
    """Indices of the clips, in order."""
    glosses = set(chosen_glosses(store, choice))
    _known(choice.signers, {clip.signer for clip in store.clips}, "signers", store)
    return [
        i
        for i in store.indices(*splits)
        if store.clips[i].gloss in glosses and (not choice.signers or store.clips[i].signer in choice.signers)
    ]


def _known(asked: Iterable[str], have: Iterable[str], what: str, store: VideoStore) -> None:
    have = set(have)
    missing = [name for name in asked if name not in have]
    if missing:
        raise SignError(f"The clips in {store.folder} have no {what} {', '.join(missing)}; choose others or make them.")


def parts(store: VideoStore, choice: Choice) -> dict[str, list[int]]:
    """Clips for "train" and for "val"."""
    return {"train": chosen_clips(store, choice, "train"), "val": chosen_clips(store, choice, *choice.validate)}

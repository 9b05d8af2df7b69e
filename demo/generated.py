"""The generated video of a result, as files beside it and as the picture that the player shows beside the avatar."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sign_models.errors import SignError

if TYPE_CHECKING:
    from sign_models.lmt.beside import GeneratedVideo

GENERATED, GENERATED_CAPTIONS = "generated.mp4", "generated.vtt"
DOWNLOADS = {
    GENERATED: "generated video: each sign by the LMT network, at the time at which the avatar makes it",
    GENERATED_CAPTIONS: "captions of the generated video, which say what is missing in it",
}
"""File names and what they are."""
SIZE = 256
"""Pixels of the file's pictures: the network's own are smaller, and players smooth them in different ways."""


@dataclass(frozen=True)
class Generated:
    """captions: {start, end, text, known} of every sign, none where there is no video. note: for the user."""

    signer: str
    captions: tuple[dict[str, Any], ...]
    note: str

    def beside(self, address: str) -> list[dict[str, Any]]:
        """The player's further pictures: this one, or none where no sign is known. address: of the result's files."""
        if not self.captions:
            return []
        label = f"Generated video: {self.signer}"
        shown = {"label": label, "title": label, "mp4": f"{address}/{GENERATED}", "captions": list(self.captions)}
        return [shown]


def save(make: Callable[[], "GeneratedVideo"], folder: Path, signer: str) -> Generated:
    """Writes the two files of what ``make`` gives; where no sign is known, nothing but the reason."""
    from sign_models.outputs import save_generated

    try:
        made = make()
    except SignError as error:
        return Generated(signer, (), str(error))
    save_generated(made, folder / GENERATED, SIZE)
    captions = ({"start": c.start, "end": c.end, "text": c.text, "known": c.known} for c in made.cues)
    return Generated(signer, tuple(captions), made.note)

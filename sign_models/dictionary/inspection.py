"""A whole list of transcriptions held against the goals: read, made into motion, within limits, in contact."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sign_models.dictionary.transcriptions import Transcription
from sign_models.hamnosys.figure import Figure
from sign_models.hamnosys.measuring.examine import Examination, examine
from sign_models.hamnosys.surface.sites import surface

PARSED, SOUND, PER_MINUTE = 0.99, 0.95, 1000.0
"""Shares of a list that should be read, and be motion within all limits; signs a minute on one core."""


@dataclass(frozen=True)
class Inspection:
    """rows: each transcription with what became of it. total: transcriptions of the list, more when it was stopped."""

    rows: tuple[tuple[Transcription, Examination], ...]
    total: int

    def shares(self) -> dict[str, float]:
        """Shares 0..1 of the rows: each of the properties of an examination, and contacts made of those asked for."""
        made = [row for _, row in self.rows]
        measured = [row.measures for row in made if row.measures is not None]
        asked = sum(len(row.contacts) for row in made)
        missed = sum(len(row.missed) for row in made)
        count = max(len(made), 1)
        return {
            "parsed": sum(row.parsed for row in made) / count,
            "synthesized": sum(row.synthesized for row in made) / count,
            "within all limits": sum(row.sound for row in made) / count,
            "joints in range": sum(one.within_limits for one in measured) / count,
            "nothing passed through": sum(one.clear for one in measured) / count,
            "no jump": sum(one.smooth for one in measured) / count,
            "signs with all contacts": sum(row.in_contact for row in made) / count,
            "contacts made": 1 - missed / max(asked, 1),
        }

    @property
    def per_minute(self) -> float:
        """Signs read and made into motion a minute, without the time for measuring."""
        seconds = sum(row.seconds for _, row in self.rows)
        return 60 * len(self.rows) / seconds if seconds > 0 else 0.0

    def passed(self, parsed: float = PARSED, sound: float = SOUND) -> bool:
        """Whether the whole list was done and enough of it was read and is within all limits."""
        shares = self.shares()
        done = len(self.rows) == self.total
        return done and shares["parsed"] >= parsed and shares["within all limits"] >= sound

    def failures(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Place, gloss and faults of each transcription with a fault."""
        told = [(one.place, one.gloss, made.faults()) for one, made in self.rows]
        return [row for row in told if row[2]]

    def table(self, parsed: float = PARSED, sound: float = SOUND) -> str:
        """For people: the failures first, the figures last."""
        lines = [f"{place}  {gloss}: {'; '.join(faults)}" for place, gloss, faults in self.failures()]
        goals = {"parsed": f">= {parsed:.0%}", "within all limits": f">= {sound:.0%}"}
        done = "" if len(self.rows) == self.total else f" of {self.total}, stopped"
        lines += ["", f"{'transcriptions':<26}{len(self.rows)}{done}"]
        lines += [f"{name:<26}{share:<8.1%}{goals.get(name, '')}".rstrip() for name, share in self.shares().items()]
        return "\n".join([*lines, f"{'signs a minute':<26}{self.per_minute:<8.0f}>= {PER_MINUTE:.0f} on one core"])

    def line(self) -> str:
        """The same as one line of JSON."""
        failures = [{"place": place, "gloss": gloss, "faults": faults} for place, gloss, faults in self.failures()]
        figures = {name: round(share, 4) for name, share in self.shares().items()}
        counts = {"transcriptions": len(self.rows), "total": self.total, "signs a minute": round(self.per_minute, 1)}
        return json.dumps({**counts, **figures, "failures": failures}, ensure_ascii=False)


def inspect(
    transcriptions: Sequence[Transcription], figure: Figure, on_step: Callable[[str, float], None] | None = None
) -> Inspection:
    """Examines one after the other; Ctrl-C ends it early with what is done."""
    surface(figure)  # loaded once for all, before the clock starts
    rows: list[tuple[Transcription, Examination]] = []
    try:
        for number, one in enumerate(transcriptions, 1):
            rows.append((one, _examined(one, figure)))
            if on_step is not None:
                on_step(f"{number} of {len(transcriptions)}", number / len(transcriptions))
    except KeyboardInterrupt:
        if not rows:
            raise
    return Inspection(tuple(rows), len(transcriptions))


def _examined(one: Transcription, figure: Figure) -> Examination:
    if one.notation is None:
        return Examination(False, False, one.seconds, one.error)
    return examine(one.notation, figure, nonmanual=one.nonmanual, spent=one.seconds)

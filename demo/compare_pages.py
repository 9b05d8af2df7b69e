"""The pieces of the comparison that are plain HTML, with every user's word escaped."""

from html import escape

from demo.compare import BANDS, PARTS, Comparison, Difference
from demo.inside import STAGES
from demo.votes import ANSWERS, MODES, Votes


def facts(comparison: Comparison, differences: dict[tuple[int, int], Difference]) -> str:
    """Tables: what each way took, and how far each pair is apart."""
    return _times(comparison) + _distances(comparison, differences) + _notes(comparison)


def _times(comparison: Comparison) -> str:
    rows = ""
    for one in comparison.made:
        length = one.timeline.get("duration", 0)
        stages = " · ".join(
            f"{escape(STAGES.get(name, name))} {seconds:.2f} s" for name, seconds in one.seconds.items()
        )
        rows += (
            f'<tr><th scope="row">{escape(one.title)}</th><td>{length:.1f} s</td>'
            f'<td>{sum(one.seconds.values()):.2f} s</td><td class="stages">{stages}</td></tr>'
        )
    return _table("Length and time taken", ("Way", "Length", "Took", "Stages"), rows)


def _distances(comparison: Comparison, differences: dict[tuple[int, int], Difference]) -> str:
    if not differences:
        reason = "a video has no joints to measure, and motions longer than 80 s are not measured"
        return f"<p>No distances: {reason}.</p>"
    rows = ""
    for (i, j), apart in differences.items():
        names = f"{escape(comparison.made[i].title)} – {escape(comparison.made[j].title)}"
        cells = "".join(f"<td>{apart.jpe[part]:.1f} cm</td>" for part in PARTS)
        cells += "".join(f"<td>{value:.1f} cm</td>" for value in apart.in_space.values())
        rows += f'<tr><th scope="row">{names}</th>{cells}</tr>'
    heads = (
        "Between", *(f"{name} (DTW-JPE)" for name in PARTS.values()), "left hand in space", "right hand in space",
    )  # fmt: skip
    told = (
        "<p class='small'>DTW-JPE: mean distance of the joints after both are brought into step (dynamic time "
        "warping). For the hands the wrists are laid on each other first, so it tells the handshape; “in space” leaves "
        "them where they are. 0 is the same signing. It does not tell which is better.</p>"
    )
    return _table("How far they are apart", heads, rows) + told


def _notes(comparison: Comparison) -> str:
    notes = "".join(
        f"<li>{escape(one.title)}: {escape(note)}</li>" for one in comparison.made for note in one.notes
    )  # fmt: skip
    return f'<ul class="given">{notes}</ul>' if notes else ""


def legend(first: str, second: str, apart: Difference) -> str:
    """What the colours of the painted signer mean, in numbers."""
    rows, low = "", 0.0
    for (high, color), share in zip(BANDS, apart.shares, strict=True):
        span = f"over {low:g} cm" if high == float("inf") else f"{low:g}–{high:g} cm"
        rows += (
            f'<tr><th scope="row"><i class="swatch" style="background:{color}" aria-hidden="true"></i> {span}</th>'
            f"<td>{100 * share:.0f} %</td></tr>"
        )
        low = high
    when, far = apart.worst
    told = (
        f"<p>The picture “Difference” signs like “{escape(first)}”. The darker the skin, the farther it is at that "
        f"moment from the same place of “{escape(second)}”. The hands are farthest apart "
        f"{when:.1f} s into it: {far:.0f} cm.</p>"
    )
    return told + _table("What the colours mean", ("Distance", "Share of the skin, over the whole sentence"), rows)


def revealed(comparison: Comparison, answer: str) -> str:
    """Who A and B were, told after the vote."""
    a, b = (one.title for one in comparison.made[:2])
    return f"Kept: {ANSWERS[answer]}. A was “{a}”, B was “{b}”."


def kept(votes: Votes, links: list[tuple[str, str]]) -> str:
    """Where votes go, and the files of this visit's votes. links: (address, name)."""
    told = (
        "<p class='small'>Votes are kept on the computer that serves this page, in "
        f"<code>{escape(votes.path.name)}</code>: the sentence, the two ways, their order and settings, how you saw "
        "them, your answer and note. Nothing about "
        "you; please write no names.</p>"
    )
    files = ", ".join(
        f'<a href="{escape(address)}" download="{escape(name)}">{escape(name)}</a>' for address, name in links
    )
    return told + (f"<p>Your votes of this visit: {files}</p>" if links else "")


def _table(caption: str, heads: tuple[str, ...], rows: str) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}"><table class="compared">'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


MODE_CHOICES = [(title, key) for key, title in MODES.items()]

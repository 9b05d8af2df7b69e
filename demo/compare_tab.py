"""The tab "Compare": its layout and what its buttons do."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from demo import compare_pages, pages
from demo.compare import (
    COMPARED,
    UPLOAD,
    VOTES_CSV,
    VOTES_LINES,
    Asked,
    Comparison,
    Made,
    OnStep,
    Shelf,
    compare,
    difference_shown,
    ways_of,
)
from demo.handlers import Update, told
from demo.service import Service
from demo.votes import ANSWERS, NOTE_LENGTH, Vote, Votes, export
from sign_models.errors import SignError
from sign_models.languages import LANGUAGES
from sign_models.manner import SEEDS, TEMPERATURES, TEMPOS

HERE = Path(__file__).resolve().parent

PLAYER = "<sign-player></sign-player>"
PAUSE_OTHERS = "() => { for (const player of document.querySelectorAll('sign-player')) player.pause?.(); }"
SEEN = """(...given) => {
  given[given.length - 1] = document.querySelector('#compare-player sign-player')?.dataset.seen ?? 'alone';
  return given;
}"""
"""Puts how the pictures were seen in place of the last input."""

INTRO = (
    "<p>One sentence, signed in two or more ways. Two at once lower each other's ratings, so see them one at a time, "
    "or blind, if you want to judge how good they are; side by side shows where they differ.</p>"
)
BLIND = "Watch A and B, then say which signs better. The key b, or the button “All”, goes from one to the next."
NO_NETWORK = "There are no trained networks here: compare the dictionary with a motion of your own."


class CompareHandlers:
    """The tab's events around one service."""

    def __init__(self, service: Service, votes: Votes) -> None:
        self.service = service
        self.votes = votes
        self.shelf = Shelf(service.folder / COMPARED)

    def compare(
        self, text: str, code: str, ways: list[str], mode: str, stretched: bool, seed: float | None, temperature: float,
        tempo: float, upload: str | None,
    ) -> Iterator[Update]:  # fmt: skip
        """Yields (player, status, facts, legend, pair, voting, token) while the ways are made."""
        keep, hidden = gr.skip(), gr.update(visible=False)
        path = Path(upload) if upload else None
        asked = Asked(
            text, code, tuple(ways), mode, stretched, int(seed or 0), float(temperature), float(tempo), path
        )  # fmt: skip
        try:
            made = yield from told(
                lambda on_step: self._made(asked, on_step),
                lambda status: (keep, status, "", "", hidden, hidden, None),
            )
        except SignError as error:
            yield keep, pages.problem(str(error)), "", "", hidden, hidden, None
            return
        voting = gr.update(visible=len(made.made) == 2)
        if mode == "blind":
            yield player_value(made), pages.done(BLIND), "", "", hidden, voting, made.token
        else:
            names = "; ".join(f"{chr(ord('A') + k)}: {one.title}" for k, one in enumerate(made.made))
            yield *self._opened(made, f"Ready. {names}."), voting, made.token

    def vote(self, token: str | None, visit: str | None, note: str, answer: str, seen: str) -> Update:
        """(player, status, facts, legend, pair, voting, kept, visit, note) after an answer."""
        nothing = (gr.skip(),) * 7
        made = self.shelf.comparison(token)
        if made is None:
            return gr.skip(), pages.problem("This comparison is gone; make it again."), *nothing
        apart = made.differences(self.service.studio.body).get((0, 1))
        asked = made.asked
        try:
            vote = Vote(
                asked.text, asked.language, asked.mode, tuple(one.way for one in made.made), answer, seen, note.strip(),
                asked.seed, asked.stretched, tuple(one.settings for one in made.made),
                {part: round(value, 2) for part, value in apart.jpe.items()} if apart else {},
            )  # fmt: skip
            self.votes.add(vote)
        except SignError as error:
            return gr.skip(), pages.problem(str(error)), *nothing
        visit = visit or secrets.token_hex(16)
        kept = compare_pages.kept(self.votes, self._visit(visit, vote))
        opened = self._opened(made, compare_pages.revealed(made, answer))
        return *opened, gr.update(visible=False), kept, visit, ""

    def other_pair(self, token: str | None, pair: str) -> Update:
        """(player, legend) with another pair in colour."""
        made = self.shelf.comparison(token)
        chosen = next((p for p in made.pairs if _name(p) == pair), None) if made else None
        if made is None or chosen is None:
            return gr.skip(), gr.skip()
        return self._player(made, chosen), self._legend(made, chosen)

    def _made(self, asked: Asked, on_step: OnStep) -> Comparison:
        made = compare(self.service, self.shelf, asked, on_step)
        if asked.mode != "blind":
            on_step("measuring how far they are apart", 1.0)
            made.differences(self.service.studio.body)
        return made

    def _opened(self, made: Comparison, message: str) -> Update:
        """(player, status, facts, legend, pair) with all that is known."""
        differences = made.differences(self.service.studio.body)
        facts = compare_pages.facts(made, differences)
        if not differences:
            return player_value(made), pages.done(message), facts, "", gr.update(visible=False)
        first = next(iter(differences))
        choices = [(f"{made.made[i].title} – {made.made[j].title}", _name((i, j))) for i, j in differences]
        pairs = gr.update(choices=choices, value=_name(first), visible=len(choices) > 1)
        return self._player(made, first), pages.done(message), facts, self._legend(made, first), pairs

    def _player(self, made: Comparison, pair: tuple[int, int]) -> dict[str, Any]:
        shown = difference_shown(self.shelf, made, pair, self.service.studio.body)
        value = player_value(made)
        name = "Difference"
        value["beside"].append({"label": name, "title": name, **shown, "stretch": made.asked.stretched})
        return value

    def _legend(self, made: Comparison, pair: tuple[int, int]) -> str:
        first, second = (made.made[k].title for k in pair)
        return compare_pages.legend(first, second, made.differences(self.service.studio.body)[pair])

    def _visit(self, visit: str, vote: Vote) -> list[tuple[str, str]]:
        """Adds a vote to this visit's own files: nobody downloads the votes of others from the page."""
        place = self.shelf.place(visit)
        lines = Votes(place / VOTES_LINES)
        lines.add(vote)
        rows, _ = lines.rows()
        export(rows, place / VOTES_CSV)
        return [(f"{COMPARED}/{visit}/{name}?{len(rows)}", name) for name in (VOTES_CSV, VOTES_LINES)]


def player_value(made: Comparison) -> dict[str, Any]:
    """What the player loads. Blind, nothing in it names a way: plain letters, the same caption for both."""
    blind = made.asked.mode == "blind"
    labels = [chr(ord("A") + k) if blind else one.title for k, one in enumerate(made.made)]
    first, *others = made.made
    lines = {
        "fps": first.timeline.get("fps", 25),
        "duration": first.timeline.get("duration", 0),
        "cues": [] if blind else first.timeline.get("cues", []),
        "sentences": [] if blind else first.timeline.get("sentences", []),
    }
    return {
        "id": made.token,
        "title": labels[0],
        **_pane(first, labels[0]),
        **lines,
        "beside": [
            {**_pane(one, label), "title": label, "stretch": made.asked.stretched}
            for one, label in zip(others, labels[1:], strict=True)
        ],
        "shown": "all" if made.asked.mode == "step" else labels[0],
    }


def _pane(one: Made, label: str) -> dict[str, Any]:
    return {"label": label, "glb": one.glb or None, "mp4": one.mp4 or None}


def _name(pair: tuple[int, int]) -> str:
    return f"{pair[0]}-{pair[1]}"


def build(handlers: CompareHandlers) -> None:
    """The tab's content, inside whatever holds it."""
    ways, votes = ways_of(handlers.service), handlers.votes
    gr.HTML(INTRO)
    with gr.Row(elem_id="compare-columns"):
        with gr.Column(scale=2, min_width=300):
            text = gr.Textbox(label="Sentence", lines=2, max_lines=6, placeholder="Type a sentence")
            languages = [(f"{row.name} · {row.spoken_title}", row.code) for row in LANGUAGES.values()]
            code = gr.Dropdown(languages, value=languages[0][1], label="Language")
            usual = [way for way in ways if way != UPLOAD][:2]
            info = None if len(usual) > 1 else NO_NETWORK
            chosen = gr.CheckboxGroup(
                [(title, way) for way, title in ways.items()], value=usual, label="Ways", info=info
            )
            upload = gr.File(label="Reference motion (.npz, up to 1 MB)", file_types=[".npz"], height=150)
            mode = gr.Radio(compare_pages.MODE_CHOICES, value="one", label="How to see them")
            stretched = gr.Checkbox(True, label="In step: stretch them to the same length")
            with gr.Accordion("Settings of all ways", open=False):
                seed = gr.Number(0, precision=0, minimum=SEEDS[0], maximum=SEEDS[1], label="Seed")
                temperature = gr.Slider(*TEMPERATURES, 0.0, step=0.05, label="Temperature (0: the likeliest code)")
                tempo = gr.Slider(*TEMPOS, 1.0, step=0.05, label="Tempo")
            with gr.Row():
                start = gr.Button("Compare them", variant="primary", elem_id="compare-start")
                stop = gr.Button("Cancel")
        with gr.Column(scale=3, min_width=320):
            script = (HERE / "compare.js").read_text(encoding="utf-8")
            player = gr.HTML(html_template=PLAYER, js_on_load=script, elem_id="compare-player")
            status = gr.HTML(pages.done("Choose two or more ways and press “Compare them”."), elem_id="compare-status")
            with gr.Column(visible=False, elem_id="voting") as voting:
                note = gr.Textbox(label="Note (if you like)", max_length=NOTE_LENGTH)
                with gr.Row():
                    answers = {key: gr.Button(title) for key, title in ANSWERS.items()}
            legend = gr.HTML(elem_id="legend")
            pair = gr.Dropdown([], label="Difference in colour between", visible=False)
            facts = gr.HTML(elem_id="facts")
            kept = gr.HTML(compare_pages.kept(votes, []), elem_id="votes")
    token, visit = gr.State(None), gr.State(None)
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    settings = [text, code, chosen, mode, stretched, seed, temperature, tempo, upload]
    shown = [player, status, facts, legend, pair]
    comparing = start.click(handlers.compare, settings, [*shown, voting, token], concurrency_limit=1, **quiet)
    stop.click(lambda: pages.done("Stopped."), None, status, cancels=[comparing], queue=False, **quiet)
    seen = gr.Textbox(visible=False)
    for key, button in answers.items():
        answer = gr.State(key)
        inputs = [token, visit, note, answer, seen]
        button.click(handlers.vote, inputs, [*shown, voting, kept, visit, note], js=SEEN, **quiet)
    pair.input(handlers.other_pair, [token, pair], [player, legend], **quiet)

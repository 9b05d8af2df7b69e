"""The panel "This sign" below the words: its fields, and what happens when they are used."""

from pathlib import Path
from typing import Any

import gradio as gr

from demo import mending, mending_pages, own_signs, pages
from demo.handlers import player_value
from demo.service import Service, Signed
from sign_models.errors import SignError

HERE = Path(__file__).resolve().parent
HELP = "Symbols of the HamNoSys font, or their names such as hamfist hamextfingeru hampalmd. Enter shows it."


class Panel:
    """token: the state that names the shown result. player: tells which sign is pressed. kept: the browser's signs."""

    def __init__(self, service: Service, token: gr.State, player: gr.HTML, kept: gr.BrowserState) -> None:
        self.service = service
        self.token = token
        with gr.Accordion("This sign: why it was used, and how to mend it", open=False, elem_id="mending"):
            self.word = gr.Dropdown([], label="Sign", info="Or press a sign below the picture.", elem_id="mend-word")
            self.facts = gr.HTML(pages.done("Sign a text first; then choose one of its signs."), elem_id="mend-facts")
            self.other = gr.Dropdown([], label="Another sign instead", elem_id="mend-other")
            self.notation = gr.Textbox(label="HamNoSys", info=HELP, lines=1, max_lines=6, elem_id="mend-notation",
                                       max_length=mending.MOST_CHARACTERS)  # fmt: skip
            with gr.Row():
                show = gr.Button("Show it", elem_id="mend-show")
                keep = gr.Button("Keep in my dictionary", elem_id="mend-keep")
            self.told = gr.HTML(elem_id="mend-told")
            script = (HERE / "mending.js").read_text(encoding="utf-8")
            self.preview = gr.HTML(html_template='<div class="host"></div>', js_on_load=script, elem_id="mend-preview")
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": 2}
        fields = [self.facts, self.other, self.notation, self.told, self.preview]
        given = [token, self.word, self.other, self.notation]
        token.change(self.fill, [token], [self.word, *fields], **quiet)
        player.select(self.pressed, [token], [self.word, *fields], **quiet)
        self.word.input(self.choose, [token, self.word], fields, **quiet)
        self.other.input(self.take, [token, self.word, self.other], [self.notation, self.told, self.preview], **quiet)
        for event in (show.click, self.notation.submit):
            event(self.show, given, [self.told, self.preview], **quiet)
        keep.click(self.keep, [*given, kept], [self.told, kept], **quiet)

    def fill(self, token: str | None) -> tuple[Any, ...]:
        """A new result: its signs to choose from, the first one chosen."""
        signed = self.service.known(token) if token else None
        if signed is None:
            return (gr.skip(),) * 6
        return (gr.Dropdown(mending.words(signed), value=0), *self.choose(token, 0))

    def pressed(self, token: str | None, event: gr.SelectData) -> tuple[Any, ...]:
        """A sign that was pressed in the player."""
        if token is None or not isinstance(event.index, int):  # a first sentence, while the rest is made
            return (gr.skip(),) * 6
        return (gr.Dropdown(value=event.index), *self.choose(token, event.index))

    def choose(self, token: str | None, number: int | None) -> tuple[Any, ...]:
        """(facts, alternatives, notation, told, preview) of one sign."""
        try:
            chosen = mending.choose(self.service, token, number)
        except SignError as error:
            return pages.problem(str(error)), gr.skip(), gr.skip(), "", None
        others = [(mending.label(one), n) for n, one in enumerate(chosen.others)]
        info = f"{len(others)} found." if others else "There is none: no other sign of this word, none like it."
        notation = chosen.used.hamnosys if chosen.used else ""
        return mending_pages.facts(chosen), gr.Dropdown(others, value=None, info=info), notation, "", None

    def take(self, token: str | None, number: int | None, other: int | None) -> tuple[Any, Any, Any]:
        """(notation, told, preview) of another entry."""
        try:
            chosen = mending.choose(self.service, token, number)
            if other is None or not 0 <= other < len(chosen.others):
                return gr.skip(), "", None
            notation = chosen.others[other].entry.hamnosys
            return notation, *self._shown(chosen, other, notation)
        except SignError as error:
            return gr.skip(), pages.problem(str(error)), gr.skip()

    def show(self, token: str | None, number: int | None, other: int | None, notation: str) -> tuple[Any, Any]:
        """(told, preview) of what is typed."""
        try:
            return self._shown(mending.choose(self.service, token, number), other, notation)
        except SignError as error:
            return pages.problem(str(error)), gr.skip()

    def keep(
        self, token: str | None, number: int | None, other: int | None, notation: str, kept: str | None
    ) -> tuple[str, Any]:
        """(told, own signs) after what is typed was kept: in the server's dictionary, else in the browser."""
        try:
            chosen = mending.choose(self.service, token, number)
            entry = mending.propose(self.service, chosen, other, notation)
            made = self.service.preview(entry, chosen.signed.request.appearance)
            means = f"{made.result.cues[0].gloss} for “{', '.join(entry.lemmas) or entry.letter}”"
            if self.service.keeps:
                self.service.keep_sign(entry)
                return mending_pages.kept(f"Kept {means} in your dictionary."), gr.skip()
            text = own_signs.added(kept or "", [entry])
            self.service.visitors.name(text)
        except SignError as error:
            return pages.problem(str(error)), gr.skip()
        return mending_pages.kept(f"Kept {means} among your own signs in this browser.", entry), text

    def _shown(self, chosen: mending.Chosen, other: int | None, notation: str) -> tuple[str, dict[str, Any]]:
        look = chosen.signed.request.appearance
        entry = mending.propose(self.service, chosen, other, notation)
        new = self.service.preview(entry, look)
        beside = [] if chosen.used in (None, entry) else [self._beside(self.service.preview(chosen.used, look))]
        label = "New" if beside else "Sign"
        told = f"Showing {entry.gloss}, {new.result.motion.seconds:.1f} s, made by the rules of the dictionary."
        return pages.done(told), {**player_value(new, video=False), "label": label, "beside": beside}

    def _beside(self, old: Signed) -> dict[str, Any]:
        return {"label": "As it was", "glb": player_value(old, video=False)["glb"], "title": old.request.text}

"""The panel "Your own signs": import a file, see what became of each sign, download or forget what is kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from demo import own_signs, own_signs_pages, pages
from demo.handlers import Update, told
from demo.service import Service
from sign_models.dictionary.importing import ENDINGS, MOST_SIGNS, Import, import_signs
from sign_models.errors import SignError
from sign_models.hamnosys.figure import load_figure
from sign_models.languages import language

HELP = (
    "SiGML (.sigml, .xml), a dictionary (.toml, .csv) or a list (.txt: gloss, tab, HamNoSys); up to "
    f"{MOST_SIGNS} signs. Signs that name no language count as the sign language chosen above."
)
KEY = "sign-models-own-signs"


class OwnSignsPanel:
    """code: the control of the sign language. ``kept`` is the browser's state, an input of whatever signs."""

    def __init__(self, service: Service, code: gr.Radio) -> None:
        self.service = service
        # the secret hides nothing: it only lets a page that was started anew read what the browser has kept
        self.kept = gr.BrowserState("", storage_key=KEY, secret=KEY)
        with gr.Accordion("Your own signs", open=False, elem_id="own-signs"):
            self.having = gr.HTML(own_signs_pages.having(""), elem_id="own-having")
            gr.HTML(f'<p class="small">{HELP}</p>')
            self.file = gr.File(label="Import signs", file_types=list(ENDINGS), height=150, elem_id="own-file")
            self.report = gr.HTML(elem_id="own-report")
            with gr.Row():
                forget = gr.Button("Forget my signs", elem_id="own-forget")
                save = gr.Button(
                    "Save them in the dictionary of this server", visible=service.keeps, elem_id="own-save"
                )
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        shown = [self.kept, self.having, self.report]
        self.file.upload(self.take, [self.file, code, self.kept], shown, concurrency_limit=1, **quiet)
        forget.click(lambda: ("", own_signs_pages.having(""), pages.done("Forgotten.")), None, shown, **quiet)
        save.click(self.save, [self.kept], [self.report], **quiet)
        self.kept.change(own_signs_pages.having, [self.kept], [self.having], **quiet)

    def opened(self, page: gr.Blocks) -> None:
        """What the browser has kept is told when the page opens."""
        page.load(own_signs_pages.having, [self.kept], [self.having], show_progress="hidden", api_visibility="private")

    def take(self, upload: str | None, code: str, kept: str | None) -> Iterator[Update]:
        """Yields (kept, having, report) while a file is read and its signs are made."""
        keep = gr.skip()
        if not upload:
            yield keep, keep, ""
            return
        path = Path(upload)
        try:
            found: Import = yield from told(
                lambda on_step: import_signs(path, language(code), load_figure(), on_step),
                lambda status: (keep, keep, status),
            )
            text = own_signs.added(kept or "", found.entries)
            self.service.visitors.name(text)
        except SignError as error:
            yield keep, keep, pages.problem(str(error))
            return
        yield text, own_signs_pages.having(text), own_signs_pages.report(found, path.name)

    def save(self, kept: str | None) -> str:
        """Writes all that the browser keeps into the server's dictionary."""
        try:
            name = self.service.visitors.name(kept or "")
            entries = own_signs.read(self.service.visitors.file(name)) if name else []
            for entry in reversed(entries):  # each comes first in its turn
                self.service.keep_sign(entry)
        except SignError as error:
            return pages.problem(str(error))
        return pages.done(f"{len(entries)} signs are in the dictionary of this server now.")

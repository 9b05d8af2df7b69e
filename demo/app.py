"""The page: text in, a signing avatar out.

python demo/app.py [--port 7860] [--host 127.0.0.1]
"""

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Thread
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that `python demo/app.py` finds the package demo

if __name__ == "__main__":  # before gradio, which notes when it is imported where it may write
    OURS = tempfile.TemporaryDirectory(prefix="sign-models-")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the folder is cleared away then, too
    os.environ.setdefault("GRADIO_TEMP_DIR", str(Path(OURS.name) / "gradio"))  # so that all of it goes with the folder

import gradio as gr
from starlette.middleware import Middleware
from starlette.requests import Request as WebRequest
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from demo import api_errors, api_page, compare_tab, endpoints, mcp_tools, pages
from demo.compare import COMPARED
from demo.compare_tab import CompareHandlers
from demo.doorkeeper import Doorkeeper
from demo.handlers import NOBODY, OF_A_LINK, OF_THE_MOTION, RESULTS, SAMPLINGS, Handlers
from demo.mending_panel import Panel
from demo.own_signs_panel import OwnSignsPanel
from demo.private_paths import without_paths
from demo.service import Service
from demo.votes import Votes
from sign_models.body import HAIR, SKIN_TONES, TOPS, Appearance
from sign_models.errors import SignError
from sign_models.languages import LANGUAGES
from sign_models.manner import MAKERS, SEEDS, TEMPERATURES, TEMPOS, TOP_K
from sign_models.outputs import BACKGROUNDS
from sign_models.paths import asset
from sign_models.registry import load_dictionary

HERE = Path(__file__).resolve().parent
OWN_HELP = "your own signs, which come first; signs mended on the page are kept in it when it ends in .toml"
VISITORS_HELP = "keep signs in --dictionary although others can reach the page: whoever does may add to the file"
WAITING_REQUESTS = 64
CLEARED = (600, 3600)
"""Seconds: how often uploads and the API's copies of results are looked through, and how old they may get."""

NO_WEIGHTS = "The SOKE network has no trained weights here, so the dictionary signs."

VIDEO_NETWORK = "Generated video beside the avatar (LMT network)"
FEW_SIGNS = "It has learned a few signs only, and says which are missing."

HEAD = """<script type="module" src="player/player.js"></script>
<style>@media (max-width: 640px) { .gradio-container .main { padding: 0.5rem !important } }</style>"""
# a module: gradio would drop type="module" from a script given to the component itself; a style: what css_paths name
# holds for what is inside of this padding only

START_IF_LINKED = """() => {
  if (new URLSearchParams(location.search).get('text')?.trim()) document.getElementById('generate').click();
}"""

INTRO = (
    f"<h1>Text to sign language</h1><p class='honesty'>{pages.HONESTY} <a href='api'>For programs: API and MCP</a></p>"
)

PLAYER = """<sign-player></sign-player>
<p class="link"><button type="button" class="copy" hidden>Copy a link to this result</button>
<span class="told" role="status"></span></p>
<details class="recent" hidden><summary>Recent results in this browser</summary><ul></ul>
<button type="button">Forget them</button></details>"""


def file_route(first: str, find: Callable[[str, str], Path | None]) -> Route:
    """Serves the files of known results and nothing else: the address is looked up, never joined to a path."""

    def answer(request: WebRequest) -> Response:
        name = request.path_params["name"]
        try:
            path = find(request.path_params["token"], name)
        except SignError as error:
            return PlainTextResponse(without_paths(str(error)), status_code=503)
        if path is None:
            return PlainTextResponse("No such result; it may have been cleared away. Generate it again.", 404)
        return FileResponse(path, filename=name, content_disposition_type="inline")

    return Route(f"/{first}/{{token}}/{{name}}", answer)


def routes(service: Service, comparing: CompareHandlers, page: gr.Blocks) -> list[BaseRoute]:
    return [
        api_page.route(page),
        Mount("/player", StaticFiles(directory=HERE / "player")),
        file_route(RESULTS, service.download),
        file_route(COMPARED, comparing.shelf.find),
    ]


def build(service: Service, comparing: CompareHandlers) -> gr.Blocks:
    """The page around one service."""
    with gr.Blocks(title="Text to sign language", analytics_enabled=False, delete_cache=CLEARED) as page:
        gr.HTML(INTRO, elem_id="intro")
        with gr.Tabs():
            with gr.Tab("Sign"):
                _signing(page, Handlers(service))
            with gr.Tab("Compare") as compare:
                compare_tab.build(comparing)
        compare.select(None, None, None, js=compare_tab.PAUSE_OTHERS, queue=False, api_visibility="private")
    page.queue(max_size=WAITING_REQUESTS, api_open=False)  # nobody skips the queue
    return page


def _signing(page: gr.Blocks, handlers: Handlers) -> None:
    """The tab in which one text is signed."""
    with gr.Row(elem_id="columns"):
        with gr.Column(scale=2, min_width=300):
            controls, start, stop = _controls(handlers.service.modes(), handlers.service.signers())
            own = OwnSignsPanel(handlers.service, code=controls[1])
        with gr.Column(scale=3, min_width=320):
            script = (HERE / "page.js").read_text(encoding="utf-8")
            player = gr.HTML(html_template=PLAYER, js_on_load=script, elem_id="player")
            hello = pages.done("Type a sentence, choose a language and press “Sign it”.")
            status = gr.HTML(hello, elem_id="status")
            words = gr.HTML(elem_id="words")
            token = gr.State(None)
            Panel(handlers.service, token, player, own.kept)
            inside = gr.HTML(elem_id="inside")
            files = gr.HTML(elem_id="files")
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    shown = [player, status, words, inside, files, token]
    # first the new wish is noted: after a "Cancel" nothing is told until then
    begun = start.click(handlers.begin, None, None, queue=False, **quiet)
    signing = begun.then(handlers.sign, [*controls, own.kept], shown, concurrency_limit=2, **quiet)
    # the avatar is shown by then and waits for neither video
    generating = signing.then(handlers.generated, [token], [player, status, files], concurrency_limit=1, **quiet)
    rendering = generating.then(handlers.video, [token], [player, status], concurrency_limit=1, **quiet)
    # a video that is still being made must not write over what the new request has to tell
    later = [generating, rendering]
    start.click(None, None, None, cancels=later, queue=False, **quiet)
    stopping = stop.click(handlers.stop, None, status, cancels=[signing, *later], queue=False, **quiet)
    stopping.then(handlers.stopped, None, status, **quiet)
    endpoints.declare(endpoints.Endpoints(handlers.service), controls[: len(OF_THE_MOTION)])
    opened = page.load(handlers.linked, None, controls[: len(OF_A_LINK)], **quiet)
    opened.then(None, None, None, js=START_IF_LINKED, **quiet)
    own.opened(page)


def _controls(modes: list[str], signers: tuple[str, ...]) -> tuple[list[Any], gr.Button, gr.Button]:
    """What a user sets, in the order of ``handlers.CONTROLS``, and the two buttons.

    modes: how the network can decode, signers: whom the video network can show; none without weights.
    """
    text = gr.Textbox(label="Text", lines=3, max_lines=10, placeholder="Type a sentence", elem_id="text")
    choices = [(f"{row.name} · {row.spoken_title}", row.code) for row in LANGUAGES.values()]
    label = "Sign language · language of the text"
    language = gr.Radio(choices, value=choices[0][1], label=label, elem_id="language")
    makers = [(name, code) for code, name in MAKERS.items() if modes or code == "dictionary"]
    by = gr.Radio(makers, value=makers[0][1], label="Signed by", info=None if modes else NO_WEIGHTS, elem_id="by")
    people = [*((name, name) for name in signers), ("nobody", NOBODY)]
    shown = people[0][1]
    signer = gr.Radio(people, value=shown, label=VIDEO_NETWORK, info=FEW_SIGNS, visible=bool(signers), elem_id="signer")
    with gr.Row():
        start = gr.Button("Sign it", variant="primary", elem_id="generate")
        stop = gr.Button("Cancel", elem_id="cancel")
    with gr.Accordion("Tempo and appearance", open=False):
        tempo = gr.Slider(*TEMPOS, 1.0, step=0.05, label="Tempo of signing")
        usual = Appearance()
        skin = gr.Dropdown(list(SKIN_TONES), value=usual.skin, label="Skin tone")
        top = gr.Dropdown(list(TOPS), value=usual.top, label="Top")
        hair = gr.Dropdown(list(HAIR), value=usual.hair, label="Hair")
        background = gr.Dropdown(list(BACKGROUNDS), value=next(iter(BACKGROUNDS)), label="Background of the video")
    with gr.Accordion("Advanced: the SOKE network", open=False, visible=bool(modes)):
        network = _network(modes)
    examples = [json.loads(line) for line in asset("examples.jsonl").read_text(encoding="utf-8").splitlines()]
    gr.Examples(
        [[row["text"], row["language"]] for row in examples],
        inputs=[text, language],
        label="Examples",
        example_labels=[f"{LANGUAGES[row['language']].name}: {row['text']}" for row in examples],
    )
    return [text, language, tempo, by, *network, signer, skin, top, hair, background], start, stop


def _network(modes: list[str]) -> list[Any]:
    """What changes how the network signs; nothing of it touches the dictionary."""
    samplings = [(told, name) for name, told in SAMPLINGS.items()]
    sampling = gr.Radio(samplings, value="greedy", label="How the next code is chosen", elem_id="sampling")
    with gr.Row():
        info = "Counts for a choice by chance: same seed, same result."
        seed = gr.Number(0, precision=0, minimum=SEEDS[0], maximum=SEEDS[1], label="Seed", info=info, elem_id="seed")
        temperature = gr.Slider(0.05, TEMPERATURES[1], 1.0, step=0.05, label="Temperature")
        top_k = gr.Slider(1, TOP_K[1], 20, step=1, label="Top-k")
    titles = [(mode.replace("_", "-"), mode) for mode in modes] or [("none", "")]
    mode = gr.Dropdown(titles, value=titles[0][1], label="Decoding", info="What there are weights for.")
    retrieval = gr.Checkbox(True, label="Give the network the dictionary's signs (retrieval)")
    return [seed, sampling, temperature, top_k, mode, retrieval]


def launch(service: Service, votes: Votes | None = None, **options: Any) -> gr.Blocks:
    """Starts serving and returns the page; ``options`` go to gradio's launch."""
    comparing = CompareHandlers(service, votes or Votes())
    page = build(service, comparing)
    tools, running = mcp_tools.mounted(service)
    page.launch(
        app_kwargs={
            "routes": [*routes(service, comparing, page), *tools],
            "exception_handlers": api_errors.HANDLERS,
            "lifespan": running,
            "middleware": [Middleware(Doorkeeper, page=page)],
        },
        head=HEAD,
        theme=gr.themes.Default(primary_hue="blue", font=["system-ui", "sans-serif"]),
        css_paths=[HERE / "page.css", HERE / "mending.css"],
        max_file_size="1mb",
        enable_monitoring=False,
        run_history=False,
        ssr_mode=False,
        footer_links=["api"],
        **options,
    )
    return page


def _may_begin(own: Path) -> bool:
    """Whether this dictionary is not there yet and can be made when the first sign is kept."""
    return own.suffix.lower() == ".toml" and not own.exists() and own.parent.is_dir()


def for_me_alone(host: str, environment: Mapping[str, str]) -> bool:
    """Whether nobody but the users of this machine reaches the page."""
    shared = environment.get("SPACE_ID") or environment.get("GRADIO_SHARE", "").lower() == "true"
    return not shared and host in ("127.0.0.1", "::1", "localhost")


def main(folder: Path) -> None:
    """Serves until it is stopped; folder: for all that is written."""
    parser = argparse.ArgumentParser(description="Serve the page.")
    parser.add_argument("--port", type=int, default=None, help="default: the first free one from 7860")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 serves the local network too")
    parser.add_argument("--dictionary", type=Path, metavar="FILE", help=OWN_HELP)
    parser.add_argument("--let-visitors-save", action="store_true", help=VISITORS_HELP)
    parser.add_argument("--soke", type=Path, metavar="FOLDER", help="SOKE weights instead of the shipped ones")
    parser.add_argument("--lmt", type=Path, metavar="FOLDER", help="LMT weights instead of the shipped ones")
    arguments = parser.parse_args()
    if arguments.dictionary and not _may_begin(arguments.dictionary):
        try:
            load_dictionary(next(iter(LANGUAGES)), arguments.dictionary)
        except SignError as error:
            parser.error(str(error))
    writes = arguments.let_visitors_save or for_me_alone(arguments.host, os.environ)
    service = Service(folder, soke=arguments.soke, own=arguments.dictionary, writes=writes, lmt=arguments.lmt)
    where: dict[str, Any] = {"server_name": arguments.host, "server_port": arguments.port}
    page = launch(service, prevent_thread_lock=True, **where)
    # only now: gradio asks whether the page answers, and on a busy machine it would not while weights are read
    Thread(target=service.warm, daemon=True).start()
    page.block_thread()


if __name__ == "__main__":
    with OURS:
        main(Path(OURS.name))

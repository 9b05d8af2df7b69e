"""The page: text in, a signing avatar out.

python demo/app.py [--port 7860] [--host 127.0.0.1]
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that `python demo/app.py` finds the package demo

import gradio as gr
from starlette.requests import Request as WebRequest
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from demo import pages
from demo.handlers import RESULTS, Handlers
from demo.service import Service
from sign_models.body import HAIR, SKIN_TONES, TOPS, Appearance
from sign_models.errors import SignError
from sign_models.languages import LANGUAGES
from sign_models.outputs import BACKGROUNDS
from sign_models.paths import asset

HERE = Path(__file__).resolve().parent
WAITING_REQUESTS = 64

HEAD = '<script type="module" src="player/player.js"></script>'
# a module: gradio would drop type="module" from a script given to the component itself

PLAYER_SCRIPT = """
const player = element.querySelector('sign-player');
let shown = null;
const show = async () => {
  const value = props.value;
  if (!value) return;
  await customElements.whenDefined('sign-player');
  player.load(value);
  // on a phone the player lies below the controls: bring it into view once for each new result
  if (value.id !== shown && element.getBoundingClientRect().top > innerHeight / 2) element.scrollIntoView();
  shown = value.id;
};
watch('value', show);
show();
"""


def result_route(service: Service) -> Route:
    """Serves the files of known results and nothing else: the address is looked up, never joined to a path."""

    def answer(request: WebRequest) -> Response:
        name = request.path_params["name"]
        try:
            path = service.download(request.path_params["token"], name)
        except SignError as error:
            return PlainTextResponse(str(error), status_code=503)
        if path is None:
            return PlainTextResponse("No such result; it may have been cleared away. Generate it again.", 404)
        return FileResponse(path, filename=name, content_disposition_type="inline")

    return Route(f"/{RESULTS}/{{token}}/{{name}}", answer)


def routes(service: Service) -> list[BaseRoute]:
    return [Mount("/player", StaticFiles(directory=HERE / "player")), result_route(service)]


def build(service: Service) -> gr.Blocks:
    """The page around one service."""
    handlers = Handlers(service)
    with gr.Blocks(title="Text to sign language", analytics_enabled=False) as page:
        gr.HTML(f"<h1>Text to sign language</h1><p class='honesty'>{pages.HONESTY}</p>", elem_id="intro")
        with gr.Row(elem_id="columns"):
            with gr.Column(scale=2, min_width=300):
                controls, start, stop = _controls()
            with gr.Column(scale=3, min_width=320):
                template = "<sign-player></sign-player>"
                player = gr.HTML(html_template=template, js_on_load=PLAYER_SCRIPT, elem_id="player")
                hello = pages.done("Type a sentence, choose a language and press “Sign it”.")
                status = gr.HTML(hello, elem_id="status")
                words = gr.HTML(elem_id="words")
                files = gr.HTML(elem_id="files")
        token = gr.State(None)
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        shown = [player, status, words, files, token]
        signing = gr.on([start.click], handlers.sign, controls, shown, concurrency_limit=2, **quiet)
        rendering = signing.then(handlers.video, [token], [player, status], concurrency_limit=1, **quiet)
        # a video that is still being rendered must not write over what the new request has to tell
        start.click(None, None, None, cancels=[rendering], queue=False, **quiet)
        stop.click(lambda: pages.done("Stopped."), None, status, cancels=[signing, rendering], queue=False, **quiet)
        _endpoint(handlers, controls[:3])
    page.queue(max_size=WAITING_REQUESTS)
    return page


def _controls() -> tuple[list[Any], gr.Button, gr.Button]:
    """What a user sets, in the order of ``handlers.request_of``, and the two buttons."""
    text = gr.Textbox(label="Text", lines=3, max_lines=10, placeholder="Type a sentence", elem_id="text")
    choices = [(f"{row.name} · {row.spoken_title}", row.code) for row in LANGUAGES.values()]
    label = "Sign language · language of the text"
    language = gr.Radio(choices, value=choices[0][1], label=label, elem_id="language")
    with gr.Row():
        start = gr.Button("Sign it", variant="primary", elem_id="generate")
        stop = gr.Button("Cancel", elem_id="cancel")
    with gr.Accordion("Tempo and appearance", open=False):
        tempo = gr.Slider(0.5, 1.5, 1.0, step=0.05, label="Tempo of signing")
        usual = Appearance()
        skin = gr.Dropdown(list(SKIN_TONES), value=usual.skin, label="Skin tone")
        top = gr.Dropdown(list(TOPS), value=usual.top, label="Top")
        hair = gr.Dropdown(list(HAIR), value=usual.hair, label="Hair")
        background = gr.Dropdown(list(BACKGROUNDS), value=next(iter(BACKGROUNDS)), label="Background of the video")
    examples = [json.loads(line) for line in asset("examples.jsonl").read_text(encoding="utf-8").splitlines()]
    gr.Examples(
        [[row["text"], row["language"]] for row in examples],
        inputs=[text, language],
        label="Examples",
        example_labels=[f"{LANGUAGES[row['language']].name}: {row['text']}" for row in examples],
    )
    return [text, language, tempo, skin, top, hair, background], start, stop


def _endpoint(handlers: Handlers, inputs: list[Any]) -> None:
    """The named endpoint /generate, with outputs of its own that the page does not show."""
    with gr.Row(visible=False):
        outputs = [gr.File(label="glb"), gr.File(label="mp4"), gr.JSON(label="words")]
        gr.Button().click(handlers.generate, inputs, outputs, api_name="generate", concurrency_limit=2)


def launch(service: Service, **options: Any) -> gr.Blocks:
    """Starts serving and returns the page; ``options`` go to gradio's launch."""
    page = build(service)
    page.launch(
        app_kwargs={"routes": routes(service)},
        head=HEAD,
        theme=gr.themes.Default(primary_hue="blue", font=["system-ui", "sans-serif"]),
        css_paths=HERE / "page.css",
        max_file_size="1mb",
        enable_monitoring=False,
        run_history=False,
        ssr_mode=False,
        footer_links=["api"],
        **options,
    )
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the page.")
    parser.add_argument("--port", type=int, default=None, help="default: the first free one from 7860")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 serves the local network too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sign-models-") as folder:
        launch(Service(Path(folder)), server_name=arguments.host, server_port=arguments.port)


if __name__ == "__main__":
    main()

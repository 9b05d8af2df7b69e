"""The named endpoints around one service, and the plain answers that the tools for assistants give too.

Their docstrings are what a client reads; gradio wants each argument on one line.
"""

from dataclasses import asdict
from typing import Any

import gradio as gr
from gradio.route_utils import get_root_url

from demo.handlers import RESULTS, manner_of
from demo.private_paths import without_paths
from demo.service import DOWNLOADS, MOTION, Request, Service, Signed, word_rows
from sign_models.errors import SignError
from sign_models.export import timeline
from sign_models.languages import LANGUAGES
from sign_models.types import Hint


class Endpoints:
    """What the API offers."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def generate(
        self,
        text: str,
        language: str,
        tempo: float = 1.0,
        by: str = "",
        seed: float = 0,
        sampling: str = "greedy",
        temperature: float = 1.0,
        top_k: float = 20,
        mode: str = "",
        retrieval: bool = True,
        request: gr.Request | None = None,
    ) -> tuple[str, str, dict[str, Any]]:
        """Signs a text: a synthetic 3D signer makes it in American, Chinese or German Sign Language.

        Gives an animated 3D model, a video, and what became of each word; under "files" are links to captions and poses
        too. The signer follows rules or a small network, no Deaf signer has checked it, and it does not replace an
        interpreter.

        Args:
            text: One or more sentences in the spoken language that goes with the sign language.
            language: ase (ASL, English), csl (CSL, Chinese) or gsg (DGS, German).
            tempo: Speed of signing, 0.5 to 1.5.
            by: Who signs: soke (the trained network) or dictionary (signs joined by rules).
            seed: The same seed gives the same result; another one only with a sampling by chance. SOKE only.
            sampling: greedy, temperature or top-k: how the network chooses codes. SOKE only.
            temperature: How far chance may go, above 0 to 2, for temperature and top-k. SOKE only.
            top_k: Draw among so many of the likeliest codes, for top-k. SOKE only.
            mode: How the network decodes: multi_head, sequential or parallel, where there are weights. SOKE only.
            retrieval: Give the network the dictionary's signs. SOKE only.

        Returns:
            The animated GLB, the mp4 video, and what became of each word with the gloss timeline.
        """
        try:
            manner = manner_of(tempo, by, seed, sampling, temperature, top_k, mode, retrieval)
            signed = self.service.sign(Request(*_given(text, language), manner))
            mp4 = self.service.video(signed)
        except SignError as error:
            raise refused(error) from error
        return str(signed.file(MOTION)), str(mp4), facts(signed, _root(request))

    def languages(self) -> list[dict[str, Any]]:
        """Lists the sign languages that can be signed.

        Each with its code, the language of its texts, the number of signs in its dictionary, and an example.

        Returns:
            A list of languages.
        """
        return languages(self.service)

    def look_up(self, text: str, language: str) -> list[dict[str, Any]]:
        """Looks words up in the dictionary of a sign language, without making a signing of them.

        For each word: whether there is a sign, or it would be finger-spelled or left out, and why. A sign comes with
        its gloss, its notation in HamNoSys and how it is made.

        Args:
            text: A word, or a few; in the spoken language that goes with the sign language.
            language: ase (ASL, English), csl (CSL, Chinese) or gsg (DGS, German).

        Returns:
            A list of words, each with the entries of its signs.
        """
        try:
            return look_up(self.service, *_given(text, language))
        except SignError as error:
            raise refused(error) from error


def _given(text: str | None, language: str | None) -> tuple[str, str]:
    """Text and language; SignError where a client gives null."""
    if text is None or language is None:
        raise SignError("There is no text or no language; give both.")
    return text, language


ENTRY = ("gloss", "lemmas", "hamnosys", "nonmanual", "about", "sure", "sense")
"""What is told of an entry: not where a clip of a user's own lies."""


def facts(signed: Signed, root: str) -> dict[str, Any]:
    """What is known of a result, as plain values. root: the page's address, with a slash at its end."""
    result = signed.result
    return {
        "by": result.by,
        "seed": signed.request.manner.seed,
        "times_estimated": result.estimated,
        "notes": list(result.notes),
        "words": word_rows(result.hints),
        "files": {name: f"{root}{RESULTS}/{signed.token}/{name}" for name in DOWNLOADS},
        **timeline(result),
    }


def languages(service: Service) -> list[dict[str, Any]]:
    """A row a language."""
    return [
        {
            "code": row.code, "name": row.name, "title": row.title,
            "text": row.spoken, "text_title": row.spoken_title,
            "signs": len(service.dictionary(row.code)), "example": row.example,
        }
        for row in LANGUAGES.values()
    ]  # fmt: skip


def look_up(service: Service, text: str, language: str) -> list[dict[str, Any]]:
    """A row a word; SignError for a text that cannot be read."""
    return [_word(hint) for hint in service.dictionary(language).find(text)]


def _word(hint: Hint) -> dict[str, Any]:
    entries = [{name: asdict(entry)[name] for name in ENTRY} for entry in hint.entries]
    return {**word_rows((hint,))[0], "signs": entries if hint.status == "signed" else []}


def refused(error: SignError) -> gr.Error:
    """A user's mistake as the clients of gradio are told it."""
    return gr.Error(without_paths(str(error)), print_exception=False)


def _root(request: gr.Request | None) -> str:
    """The page's address with a slash, as this client knows it; nothing where a function is called without a server."""
    if request is None or request.request is None:
        return ""
    web = request.request
    return get_root_url(web, route_path=web.url.path, root_path=web.scope.get("root_path", "")) + "/"


def declare(endpoints: Endpoints, inputs: list[Any]) -> None:
    """Makes them endpoints of the page that is being built. inputs: the page's controls of the motion, text first.

    The page shows nothing of their outputs.
    """
    text, language = inputs[:2]
    with gr.Row(visible=False):
        for work, given, outputs in (
            (endpoints.generate, inputs, [gr.File(label="glb"), gr.File(label="mp4"), gr.JSON(label="words")]),
            (endpoints.look_up, [text, language], [gr.JSON(label="words")]),
            (endpoints.languages, [], [gr.JSON(label="languages")]),
        ):
            gr.Button().click(work, given, outputs, api_name=work.__name__, concurrency_limit=2)

"""The page as a server of tools for assistants (Model Context Protocol, streamable HTTP), at /mcp.

Gradio can do this by itself, but hands over several outputs as one Python text; here each tool gives plain JSON.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Annotated, Any, TypeVar

from anyio import CapacityLimiter, to_thread
from gradio.route_utils import get_root_url
from mcp.server.fastmcp import Context, FastMCP
from mcp.server.fastmcp.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import Field
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from demo import endpoints
from demo.pages import HONESTY
from demo.private_paths import without_paths
from demo.service import Request, Service
from sign_models.dictionary import MAX_CHARACTERS
from sign_models.errors import SignError
from sign_models.languages import LANGUAGES
from sign_models.manner import MAKERS, SEEDS, TEMPERATURES, TEMPOS, Manner

PLACE = "/mcp"
AT_ONCE = 2
"""Calls that are worked on; others wait."""
WAITING = 32
"""Calls that may wait; more are sent away."""

CODES = ", ".join(f"{row.code} ({row.name}, {row.spoken_title} text)" for row in LANGUAGES.values())

Text = Annotated[str, Field(description="One or more sentences in the spoken language that goes with the sign language",
                            max_length=MAX_CHARACTERS)]  # fmt: skip
Word = Annotated[str, Field(description="A word, or a few, in the spoken language that goes with the sign language",
                            max_length=MAX_CHARACTERS)]  # fmt: skip
Code = Annotated[str, Field(description=f"The sign language: {CODES}", json_schema_extra={"enum": list(LANGUAGES)})]
By = Annotated[str, Field(description="Who signs: soke (trained network) or dictionary (written signs, joined); "
                          "empty for the usual one", json_schema_extra={"enum": ["", *MAKERS]})]  # fmt: skip
Tempo = Annotated[float, Field(description="Speed of signing, 1 is usual", ge=TEMPOS[0], le=TEMPOS[1])]
Temperature = Annotated[float, Field(description="0 for the likeliest signing, more for one by chance; soke only",
                                     ge=TEMPERATURES[0], le=TEMPERATURES[1])]  # fmt: skip
Seed = Annotated[int, Field(description="Of the chance: the same seed gives the same result; soke only",
                            ge=SEEDS[0], le=SEEDS[1])]  # fmt: skip

T = TypeVar("T")
log = logging.getLogger(__name__)


class Tools:
    """What assistants can do here; the docstrings are what they read."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._turns = CapacityLimiter(AT_ONCE)

    async def sign_text(
        self, context: Context[Any, Any], text: Text, language: Code = "ase", by: By = "", tempo: Tempo = 1.0,
        temperature: Temperature = 0.0, seed: Seed = 0,
    ) -> dict[str, Any]:  # fmt: skip
        """Sign a text: a synthetic 3D signer makes it in American, Chinese or German Sign Language.

        Gives links under "files": signing.mp4 (video), signing.glb (animated 3D model), signing.vtt and signing.srt
        (captions), poses and one zip of all; and under "words" what became of each word: signed, finger-spelled or left
        out, and why. Tell the user that the signer follows rules or a small network, that no Deaf signer has checked
        it, and that it does not replace an interpreter.
        """
        root = get_root_url(context.request_context.request, route_path=PLACE, root_path="") + "/"

        def work() -> dict[str, Any]:
            manner = Manner(by or None, tempo, seed=seed, temperature=temperature)  # type: ignore[arg-type]
            return endpoints.facts(self.service.sign(Request(text, language, manner)), root)

        return await self._answer(work)

    async def look_up(self, text: Word, language: Code = "ase") -> list[dict[str, Any]]:
        """Look words up in the dictionary of a sign language, without making a signing of them.

        For each word: whether there is a sign, or it would be finger-spelled or left out, and why. A sign comes with
        its gloss, its notation in HamNoSys, and how it is made in words.
        """
        return await self._answer(partial(endpoints.look_up, self.service, text, language))

    async def list_languages(self) -> list[dict[str, Any]]:
        """List the sign languages that can be signed: code, names, language of the texts, size of the dictionary."""
        return await self._answer(partial(endpoints.languages, self.service))

    async def _answer(self, work: Callable[[], T]) -> T:
        """What ``work`` gives, made in a thread of its own when it is its turn."""
        if self._turns.statistics().tasks_waiting >= WAITING:
            raise ToolError("Too many calls are waiting; try again in a minute.")
        try:
            return await to_thread.run_sync(work, limiter=self._turns)
        except SignError as error:
            raise ToolError(without_paths(str(error))) from error
        except Exception as error:
            log.exception("A tool failed")
            raise ToolError("Something went wrong on the server; the call can be tried again.") from error


def mounted(service: Service) -> tuple[list[BaseRoute], Callable[[Starlette], AbstractAsyncContextManager[None]]]:
    """The routes of the server, and what has to run while they are served."""
    # a page that is served to others has any name: the check of host names is for servers of one machine alone
    anyone = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    server = FastMCP("Text to sign language", HONESTY, stateless_http=True, json_response=True, log_level="WARNING",
                     streamable_http_path=PLACE, transport_security=anyone)  # fmt: skip
    tools = Tools(service)
    for tool in (tools.sign_text, tools.look_up, tools.list_languages):
        server.add_tool(tool)
    routes = list(server.streamable_http_app().routes)

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        async with server.session_manager.run():
            yield

    return routes, running

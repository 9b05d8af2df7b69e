"""Stands before gradio: closes what the page does not use of it, bounds requests, and answers for missing events.

Of an event that is not there gradio would break the connection off.
"""

import re
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LARGEST = 4_000_000
"""Bytes of a request's body; one uploaded file may have less, see ``app.launch``."""

CLOSED = re.compile(
    r"/gradio_api/(component_server|custom_component/|deep_link|dev/|process_recording|profiling/|proxy=|run-history/|runs"
    r"|stream/|undo-vibe-edit|vibe-)|^/(monitoring|proxy=)"
)
"""Ways of gradio's to run components, developers' tools and videos through the server: none is used here."""

EVENT = re.compile(r"/gradio_api/call/(?:v2/)?[^/]+/([^/]+)$")


class Doorkeeper:
    """ASGI middleware. page: gives the queue of the running ``gr.Blocks``."""

    def __init__(self, app: ASGIApp, page: Any) -> None:
        self.app = app
        self.page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self.app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        path = scope["path"]
        if CLOSED.search(path) or "deep_link" in parse_qs(scope["query_string"].decode("latin-1")):
            return _told(404, "There is no such address here.")
        if scope["method"] in ("POST", "PUT", "PATCH"):
            return _of_body(dict(scope["headers"]))
        event = EVENT.search(path)
        if event and not self._known(event[1]):
            return _told(404, "There is no such event; it may be over. Call the endpoint again.")
        return None

    def _known(self, event: str) -> bool:
        queue = self.page._queue
        running = event in queue.event_ids_to_events or event in queue.pending_messages_per_session
        return running or any(event in events for events in list(queue.pending_event_ids_session.values()))


def _of_body(headers: dict[bytes, bytes]) -> JSONResponse | None:
    length = headers.get(b"content-length", b"")
    if not length.isdigit():
        return _told(411, "The request does not say how long it is; send a Content-Length.")
    if int(length) > LARGEST:
        return _told(413, f"The request has {int(length):,} bytes; {LARGEST:,} are the limit.")
    return None


def _told(status: int, message: str) -> JSONResponse:
    return JSONResponse({"detail": message}, status)

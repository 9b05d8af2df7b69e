"""A wrong call of an endpoint is the caller's mistake: gradio would answer it as if the server were broken (500)."""

import re

from gradio.route_utils import FnIndexInferError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

CALLS = re.compile(r"/gradio_api/(call|run|api)/|/gradio_api/queue/join$")


def wrong_call(request: Request, error: Exception) -> Response:
    """404 for an endpoint that is not there, 422 for arguments that do not fit; other errors stay errors of ours."""
    if not CALLS.search(request.url.path):
        raise error
    if isinstance(error, TypeError):
        return JSONResponse({"detail": f"{error} The page /api tells what to give."}, 422)
    return JSONResponse({"detail": "There is no such endpoint; the page /api lists them."}, 404)


HANDLERS = dict.fromkeys((KeyError, TypeError, FnIndexInferError), wrong_call)
"""For the application that gradio makes."""

"""A wrong call of an endpoint is the caller's mistake: gradio would answer it as if the server were broken (500)."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

CALLS = "/gradio_api/call/v2/"


def wrong_call(request: Request, error: Exception) -> Response:
    """404 for an endpoint that is not there, 422 for arguments that do not fit; other errors stay errors of ours."""
    if CALLS not in request.url.path:
        raise error
    if isinstance(error, KeyError):
        return JSONResponse({"detail": "There is no such endpoint; the page /api lists them."}, 404)
    return JSONResponse({"detail": f"{error} The page /api tells what to give."}, 422)


HANDLERS = dict.fromkeys((KeyError, TypeError), wrong_call)
"""For the application that gradio makes."""

"""The page /api: every named endpoint with its arguments, its results, and ways to call it; and the MCP tools."""

import json
from html import escape
from typing import Any

import gradio as gr
from gradio.route_utils import get_root_url
from gradio.utils import get_function_description
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from demo import mcp_tools
from demo.pages import HONESTY
from demo.snippets import SNIPPETS

PLACE = "/api"
EXAMPLES = {"text": "Hello, Anna."}
"""What the snippets give for an argument without a default."""

STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border-bottom: 1px solid #8888; padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; }
pre { overflow-x: auto; padding: .8rem; border: 1px solid #8888; border-radius: .4rem; }
"""

HEAD = "".join(f'<th scope="col">{title}</th>' for title in ("Argument", "Type", "Default", "What it is"))


def route(page: gr.Blocks) -> Route:
    """Describes the endpoints of ``page`` as they are when somebody looks."""

    def answer(request: Request) -> Response:
        root = get_root_url(request, route_path=PLACE, root_path=page.root_path)
        return HTMLResponse(document(page, root))

    return Route(PLACE, answer)


def document(page: gr.Blocks, root: str) -> str:
    """The whole page; root: the address of the server, without a slash at its end."""
    sections = "".join(_section(name, facts, page, root) for name, facts in endpoints(page).items())
    tools = json.dumps({"mcpServers": {"sign-language": {"url": f"{root}{mcp_tools.PLACE}"}}}, indent=2)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Text to sign language: API</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body><main>'
        f'<h1>Text to sign language: API</h1><p><a href="./">To the page</a></p><p>{escape(HONESTY)}</p>'
        "<p>A call has two steps: send the arguments, which gives the number of an event, then read the event until it "
        f'is complete. The Python client does both. <a href="gradio_api/openapi.json">OpenAPI description</a>.</p>'
        f"{sections}<h2>For assistants: MCP</h2><p>A server of tools (streamable HTTP): sign a text, look words "
        f"up, list the languages.</p><pre><code>{escape(tools)}</code></pre></main></body></html>"
    )


def endpoints(page: gr.Blocks) -> dict[str, dict[str, Any]]:
    """Name -> what gradio knows of each public endpoint."""
    return dict(page.get_api_info()["named_endpoints"])


def example(facts: dict[str, Any]) -> dict[str, Any]:
    """Arguments of a call that works: the defaults, and examples where there is none."""
    return {
        row["parameter_name"]: row["parameter_default"]
        if row["parameter_has_default"]
        else EXAMPLES[row["parameter_name"]]
        for row in facts["parameters"]
    }


def _section(name: str, facts: dict[str, Any], page: gr.Blocks, root: str) -> str:
    work = next(one.fn for one in page.fns.values() if f"/{one.api_name}" == name and one.fn is not None)
    _, about, returns = get_function_description(work)
    rows = "".join(_argument(row, about.get(row["parameter_name"], "")) for row in facts["parameters"])
    table = f"<table><thead><tr>{HEAD}</tr></thead><tbody>{rows}</tbody></table>"
    arguments = table if rows else "<p>It takes no arguments.</p>"
    given = example(facts)
    snippets = "".join(
        f"<h3>{escape(title)}</h3><pre><code data-language='{key}'>{escape(write(root, name, given))}</code></pre>"
        for key, (title, write) in SNIPPETS.items()
    )
    return (
        f'<section id="{escape(name.lstrip("/"))}"><h2><code>{escape(name)}</code></h2>'
        f"<p>{escape(facts['description'])}</p>{arguments}"
        f"<p>Returns: {escape(' '.join(returns))}</p>{snippets}</section>"
    )


def _argument(row: dict[str, Any], about: str) -> str:
    usual = json.dumps(row["parameter_default"]) if row["parameter_has_default"] else "must be given"
    return (
        f'<tr><th scope="row"><code>{escape(row["parameter_name"])}</code></th>'
        f"<td>{escape(row['python_type']['type'])}</td><td>{escape(usual)}</td><td>{escape(about)}</td></tr>"
    )

"""How to call a named endpoint from a program: text that works when it is pasted."""

import json
import shlex
from collections.abc import Callable
from typing import Any

Write = Callable[[str, str, dict[str, Any]], str]
"""(address of the server, "/name", arguments) to a program."""


def python(root: str, name: str, given: dict[str, Any]) -> str:
    """With gradio's own client, which fetches result files too."""
    arguments = "".join(f"    {key}={value!r},\n" for key, value in given.items())
    return (
        "from gradio_client import Client\n\n"
        f'client = Client("{root}/")\n'
        f'result = client.predict(\n{arguments}    api_name="{name}",\n)\nprint(result)\n'
    )


def javascript(root: str, name: str, given: dict[str, Any]) -> str:
    """Without a library, for browsers and Node."""
    return (
        f"const calls = {json.dumps(f'{root}/gradio_api/call')};\n"
        f"const given = {json.dumps(given, ensure_ascii=False)};\n"
        f"const asked = await fetch(`${{calls}}/v2{name}`, {{\n"
        "  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(given),\n});\n"
        "const { event_id: event } = await asked.json();\n"
        f"const told = await (await fetch(`${{calls}}{name}/${{event}}`)).text();\n"
        "const [, result] = told.split('event: complete\\ndata: ');\n"
        "if (!result) throw new Error(told);\nconsole.log(JSON.stringify(JSON.parse(result), null, 2));\n"
    )


def shell(root: str, name: str, given: dict[str, Any]) -> str:
    """With curl."""
    calls = f"{root}/gradio_api/call"
    body = shlex.quote(json.dumps(given, ensure_ascii=False))
    return (
        f"event=$(curl -s {calls}/v2{name} -H 'Content-Type: application/json' \\\n"
        f"  -d {body} | cut -d '\"' -f 4)\ncurl -sN {calls}{name}/$event\n"
    )


SNIPPETS: dict[str, tuple[str, Write]] = {
    "python": ("Python", python),
    "javascript": ("JavaScript", javascript),
    "shell": ("curl", shell),
}

"""The page as a server of tools for assistants, asked by the MCP client."""

import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client
from mcp.server.fastmcp.exceptions import ToolError
from mcp.types import CallToolResult

from demo.mcp_tools import Tools
from demo.service import DOWNLOADS, Service

Work = Callable[[ClientSession], Awaitable[Any]]


def ask(address: str, work: Work) -> Any:
    """What ``work`` gives with a session of its own."""

    async def run() -> Any:
        async with (
            streamablehttp_client(f"{address}mcp") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await work(session)

    return apart(run)


def apart(work: Callable[..., Awaitable[Any]], *given: Any) -> Any:
    """In a thread of its own: the browser's tests leave a running loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, work, *given).result()


def use(address: str, tool: str, **given: Any) -> CallToolResult:
    answer = ask(address, lambda session: session.call_tool(tool, given))
    assert isinstance(answer, CallToolResult)
    return answer


def test_the_tools_say_what_they_do_and_what_they_want(address: str) -> None:
    tools = {tool.name: tool for tool in ask(address, lambda session: session.list_tools()).tools}
    assert set(tools) == {"sign_text", "look_up", "list_languages"}
    assert "does not replace an interpreter" in str(tools["sign_text"].description)
    for tool in tools.values():
        assert len(str(tool.description)) > 60
        for name, schema in tool.inputSchema["properties"].items():
            assert len(schema["description"]) > 20, name
    assert tools["sign_text"].inputSchema["required"] == ["text"]
    assert tools["sign_text"].inputSchema["properties"]["language"]["enum"] == ["ase", "csl", "gsg"]


def test_a_text_becomes_links_that_answer(address: str) -> None:
    answer = use(address, "sign_text", text="Hello, Anna.", language="ase")
    assert not answer.isError
    facts = answer.structuredContent
    assert facts == json.loads(answer.content[0].text)  # type: ignore[union-attr]
    assert [word["status"] for word in facts["words"]] == ["signed", "spelled"]
    assert set(facts["files"]) == set(DOWNLOADS)
    assert all(link.startswith(address) for link in facts["files"].values())
    begins = {"signing.glb": b"glTF", "signing.vtt": b"WEBVTT", "signing.zip": b"PK", "signing.bvh": b"HIERARCHY"}
    for name, begin in begins.items():
        assert httpx.get(facts["files"][name], timeout=120).content.startswith(begin)


def test_words_and_languages(address: str) -> None:
    listed = use(address, "list_languages").structuredContent
    assert [row["code"] for row in listed["result"]] == ["ase", "csl", "gsg"]
    found = use(address, "look_up", text="Hallo, Anna", language="gsg").structuredContent
    hello, anna = found["result"]
    assert hello["status"] == "signed"
    assert hello["signs"][0]["hamnosys"]
    assert anna["status"] == "spelled"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"text": ""}, "There is no text"),
        ({"text": "Hello", "language": "xyz"}, "xyz"),
        ({"text": "Hello", "tempo": 99}, "1.5"),
        ({"text": "Hello", "by": "/etc/passwd"}, "dictionary"),
        ({}, "text"),
    ],
)
def test_a_mistake_is_told(address: str, given: dict[str, Any], told: str) -> None:
    answer = use(address, "sign_text", **given)
    assert answer.isError
    message = "".join(part.text for part in answer.content if part.type == "text")
    assert told in message
    assert len(message) < 400
    assert "Traceback" not in message
    assert "/work" not in message


def test_an_error_of_ours_stays_with_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(tmp_path)
    monkeypatch.setattr(service, "dictionary", lambda _: 1 / 0)
    with pytest.raises(ToolError) as caught:
        apart(Tools(service).look_up, "Hello", "ase")
    assert "zero" not in str(caught.value)

"""A page of its own in the browser, which fails its test when a script breaks or a request leaves this machine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

PATIENCE = 120_000
"""Milliseconds that a page may take for anything: the machine may be busy."""

Open = Callable[..., Page]
"""(address, width, height) to a page there."""


@contextmanager
def opened(browser: Browser, address: str, width: int = 1280, height: int = 900) -> Iterator[Page]:
    """A fresh page; nothing that other tests left in the browser is in it."""
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    wrong: list[str] = []
    page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else wrong.append(r.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    yield page
    context.close()
    assert not wrong

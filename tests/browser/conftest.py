import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from opening import Open, opened
from playwright.sync_api import Browser, sync_playwright

FLAGS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--no-sandbox"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "chromium is missing; `make test` installs it."
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens pages that are closed, and looked through for what went wrong, after the test."""
    with ExitStack() as stack:
        yield lambda address, width=1280, height=900: stack.enter_context(opened(browser, address, width, height))

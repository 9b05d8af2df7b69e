from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.app import launch
from demo.service import Service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return Service(tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="session")
def address(service: Service) -> Iterator[str]:
    """The real page, served on this machine."""
    page = launch(service, prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
    yield str(page.local_url)
    page.close()


@pytest.fixture
def own_service(tmp_path: Path) -> Service:
    """A service that keeps two results only."""
    return Service(tmp_path, keep=2)

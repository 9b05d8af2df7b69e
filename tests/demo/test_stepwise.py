import threading

import pytest

from demo.stepwise import OnStep, Stopped, stepwise
from sign_models.errors import SignError


def collect(work) -> tuple[list[tuple[str, float]], object]:  # type: ignore[no-untyped-def]
    steps = stepwise(work)
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as finished:
            return seen, finished.value


def test_reports_come_in_order_and_the_result_at_the_end() -> None:
    def work(on_step: OnStep) -> str:
        on_step("one", 0.0)
        on_step("two", 0.5)
        return "made"

    assert collect(work) == ([("one", 0.0), ("two", 0.5)], "made")


def test_an_error_of_the_work_comes_out() -> None:
    def work(on_step: OnStep) -> None:
        on_step("one", 0.0)
        raise SignError("no such thing")

    with pytest.raises(SignError, match="no such thing"):
        collect(work)


def test_closing_stops_the_work_at_its_next_step() -> None:
    closed, stopped = threading.Event(), threading.Event()

    def work(on_step: OnStep) -> None:
        try:
            on_step("one", 0.0)
            closed.wait(10)
            on_step("two", 0.5)
        except Stopped:
            stopped.set()
            raise

    steps = stepwise(work)
    assert next(steps) == ("one", 0.0)
    steps.close()
    closed.set()
    assert stopped.wait(10)

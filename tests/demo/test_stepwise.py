import threading

import gradio as gr
import pytest

from demo.handlers import STOPPED, Handlers
from demo.service import VIDEO, Request, Service
from demo.stepwise import OnStep, Stopped, stepwise
from sign_models.errors import SignError
from sign_models.manner import Manner


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


def test_what_is_stopped_does_not_go_on_with_the_next_stage(own_service: Service) -> None:
    """Gradio chains events: one that follows the cancelled one would begin all the same, and tell about itself."""
    handlers = Handlers(own_service)
    token = own_service.sign(Request("Hello.", manner=Manner("dictionary"))).token
    mine, other = gr.Request(session_hash="mine"), gr.Request(session_hash="other")
    assert "Stopped" in handlers.stop(mine)
    for stage in (handlers.generated, handlers.video):
        (nothing,) = stage(token, mine)
        assert "Stopped" in nothing[1]
        assert {str(one) for number, one in enumerate(nothing) if number != 1} == {str(gr.skip())}
    assert not own_service.sign(Request("Hello.", manner=Manner("dictionary"))).file(VIDEO).exists()
    running = handlers.video(token, other)
    assert "Rendering" in next(running)[1]
    handlers.stop(other)
    assert "Stopped" in list(running)[-1][1]
    assert "Stopped" in handlers.stopped(other)
    handlers.begin(mine)
    assert handlers.stopped(mine) == gr.skip()
    assert "Ready" in list(handlers.video(token, mine))[-1][1]
    for number in range(3000):
        handlers.stop(gr.Request(session_hash=str(number)))
    assert len(handlers._stopped) == STOPPED

import json

import pytest
from torch import Tensor

from sign_models.render import Look
from sign_models.types import Mesh
from train.bench.render import compare
from train.bench.report import Figure, Report


def test_pictures_are_those_of_stock_pyrender(mesh: Mesh, colors: Tensor) -> None:
    clip = Mesh(mesh.vertices[6:10], mesh.joints[6:10], mesh.faces)
    figures = {figure.name: figure for figure in compare(clip, clip, colors, Look(size=256), rounds=1)}
    assert figures["structural similarity, worst frame"].value > 0.97
    assert figures["structural similarity without the background"].value > 0.97
    assert figures["times as fast"].at_least == 4.0  # whether it is met, only a quiet machine tells


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure("a", 4.0, at_least=4), True),
        (Figure("a", 3.9, at_least=4), False),
        (Figure("a", 0.6, at_most=0.5), False),
        (Figure("a", 0.6), None),
    ],
)
def test_a_goal_is_met_or_missed(figure: Figure, met: bool | None) -> None:
    assert figure.met is met


def test_a_report_is_a_table_or_one_line_of_json() -> None:
    report = Report(
        "render", [Figure("ours", 9.5, "ms/frame", at_most=10), Figure("ratio", 3.0, at_least=4)], {"size": 512}
    )
    assert "9.5 ms/frame  <= 10  met" in report.table()
    assert "MISSED" in report.table()
    line = json.loads(report.line())
    assert "\n" not in report.line()
    assert line["figures"]["ours"] == {
        "name": "ours", "value": 9.5, "unit": "ms/frame", "at_least": None, "at_most": 10, "met": True,
    }  # fmt: skip
    assert line["settings"] == {"size": 512}
    assert {"processor", "cores"} <= line["hardware"].keys()
    assert line["commit"]

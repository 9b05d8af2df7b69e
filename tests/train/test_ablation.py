"""Ablations at debug size: what each row trains, that trainings are shared, budgets, and going on after a stop."""

import json
from pathlib import Path
from typing import Any

import pytest
from small_corpus import Words, corpus, sign_of

from sign_models.errors import SignError
from sign_models.soke import generator
from train import ablate, soke_lm, soke_tokenizer
from train import settings as settings_io
from train.ablation import goals, rows, soke
from train.ablation.trainings import budget
from train.ablation.work import Work
from train.evaluation import soke as evaluation
from train.evaluation import tables
from train.evaluation.summary import ALL


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus(tmp_path_factory.mktemp("corpus"), train=6, val=3)


def settings(data: Path, out: Path, **more: Any) -> soke.Settings:
    values = settings_io.read_section("debug", soke.SECTION) | {"data": [str(data)], "out": str(out), "split": "val"}
    return settings_io.build(soke.Settings, values | more, soke.SECTION)


@pytest.fixture(scope="module")
def finished(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("ablation")
    soke.ablate(settings(data, out), Words, sign_of)
    return out


def results(out: Path) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return whole


def test_each_training_is_done_once(finished: Path) -> None:
    assert sorted(path.name for path in (finished / "tokenizer").iterdir())[-1] == "base"
    assert len(list((finished / "tokenizer").iterdir())) == 2
    assert len(list((finished / "tokens").iterdir())) == 2
    assert len(list((finished / "lm").iterdir())) == 3  # base, sequential, whole; without retrieval needs none
    assert len(list((finished / "rows").iterdir())) == 4


def test_rows_are_what_they_say(finished: Path) -> None:
    made = {row["name"]: row for row in results(finished)["rows"]}
    assert {name: row["needs"] for name, row in made.items()} == {
        "base": "nothing",
        "without retrieval": "nothing",
        "sequential": "language model",
        "whole": "tokenizer and language model",
    }
    models = [generator.read(path) for path in (finished / "lm").iterdir()]
    assert sorted(model.model.config.mode for model in models) == ["multi_head", "multi_head", "sequential"]
    assert sorted(len(model.tokenizer.parts) for model in models) == [1, 3, 3]
    retrieval = {name: row["summaries"][ALL]["retrieval"]["share"] for name, row in made.items()}
    assert retrieval == {"base": 1, "without retrieval": 0, "sequential": 1, "whole": 1}
    assert made["base"]["summaries"][ALL]["clips"] == 3


def test_a_budget_is_kept_in_whole_epochs(finished: Path, data: Path) -> None:
    for kind in ("lm", "tokenizer"):
        for run in (finished / kind).iterdir():
            steps = [json.loads(line)["step"] for line in (run / "log.jsonl").read_text().splitlines()]
            assert max(steps) == 3  # three steps an epoch: one epoch fits into four steps, with its whole schedule
    few = budget({"batch": 2, "epochs": 9}, 2, clips=6)
    assert (few["epochs"], few["stop_after"]) == (1, 2)
    assert budget({"batch": 2, "epochs": 9}, 0, clips=6) == {"batch": 2, "epochs": 9}


def test_the_tables_hold_their_rows(finished: Path) -> None:
    shown = (finished / "results.md").read_text(encoding="utf-8")
    second = shown.split("## Table 2")[1].split("## ")[0]
    fourth = shown.split("## Table 4")[1].split("## ")[0]
    assert [name in second for name in ("| base", "| without retrieval", "| sequential", "| whole")] == [1, 1, 1, 0]
    assert [name in fourth for name in ("| base", "| whole")] == [1, 1]


def test_goals_compare_rows_of_one_training(finished: Path, data: Path) -> None:
    soke.ablate(settings(data, finished), Words, sign_of)
    rows_, told = results(finished)["rows"], results(finished)["goals"]
    whole = {row["name"]: row["summaries"][ALL] for row in rows_}
    pa = {name: summary[tables.PA]["average"] for name, summary in whole.items()}
    made = {name.rsplit(", ", 1)[0]: figure for name, figure in told.items()}
    gain = made['retrieval takes off "without retrieval"']
    assert gain["value"] == pytest.approx(1 - pa["base"] / pa["without retrieval"], abs=1e-4)
    assert gain["met"] == (gain["value"] >= 0.2)
    steps = made[f"multi-head in parts of sequential, {tables.PA}"]
    assert steps["value"] == pytest.approx(pa["base"] / pa["sequential"], rel=1e-4)
    body = made["body joint, DTW path mean"]
    assert body["value"] == pytest.approx(100 * whole["base"]["DTW-JPE per step"]["body"], rel=1e-4)
    assert body["met"] == (body["value"] <= 2)
    other = [row | {"steps": {"language_model": 9, "tokenizer": 9}} for row in rows_ if row["name"] != "base"]
    alone = [row for row in rows_ if row["name"] == "base"] + other
    assert not any("sequential" in figure.name or "retrieval" in figure.name for figure in goals.goals(alone))
    assert "| missed |" in goals.table(goals.goals(rows_)) or "| met |" in goals.table(goals.goals(rows_))


def test_a_finished_ablation_is_not_done_again(finished: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = results(finished)
    (finished / "results.json").unlink()

    def never(*_: Any) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr("train.ablation.trainings.run", never)
    monkeypatch.setattr("train.evaluation.soke.evaluate", never)
    soke.ablate(settings(data, finished), Words, sign_of)
    assert results(finished)["rows"] == before["rows"]


def test_other_settings_do_not_pass_for_the_same(finished: Path, data: Path) -> None:
    for more in ({"steps": 7}, {"tokenizer_steps": 7}, {"clips": 2}, {"language_model": {"model": {"width": 32}}}):
        with pytest.raises(SignError, match="was made with another"):
            soke.ablate(settings(data, finished, **more), Words, sign_of)


def test_a_change_of_every_row(data: Path, tmp_path: Path) -> None:
    work = Work("debug", [data], tmp_path, language_model={"model": {"feedforward": 8}, "training": {"lr": 0.5}})
    values = work._language_model(rows.Row("a", ("t",), language_model={"model": {"fusion": 0.1}}), 3)
    assert (values["model"]["feedforward"], values["model"]["fusion"], values["model"]["width"]) == (8, 0.1, 16)
    assert (values["training"]["lr"], values["training"]["seed"]) == (0.5, 3)


def test_a_stopped_training_goes_on(data: Path, tmp_path: Path) -> None:
    work = Work("debug", [data], tmp_path, steps=3, tokenizer_steps=3, dictionary_of=Words, sign_of=sign_of)
    base = rows.Row("base", ("table 1",))
    out = work.tokenizer(base)
    (out / "done").unlink()
    assert work.tokenizer(base) == out  # resumes the run that is there, which has no steps left
    assert (out / "done").exists()


def test_seeds_train_other_models_and_are_averaged(finished: Path, data: Path) -> None:
    chosen = settings(data, finished, seeds=[1, 2], only=["base"])
    made = soke.ablate(chosen, Words, sign_of)[0]
    one, two = made["by seed"]
    name = tables.PA
    assert one[ALL][name]["average"] != two[ALL][name]["average"]
    middle = (one[ALL][name]["average"] + two[ALL][name]["average"]) / 2
    assert made["summaries"][ALL][name]["average"] == pytest.approx(middle)


def test_a_given_model_is_only_decoded(finished: Path, data: Path, tmp_path: Path) -> None:
    soke.ablate(settings(data, finished), Words, sign_of)  # another test may have asked for fewer rows
    model = finished / "lm" / "base-1"
    chosen = settings(data, tmp_path / "given", model=str(model), join=[str(finished)])
    made = soke.ablate(chosen, Words, sign_of)
    assert [row["name"] for row in made] == ["base", "without retrieval"]
    assert {path.name for path in chosen.out.iterdir()} == {"rows", "results.json", "results.md"}
    names = [(row["name"], row["model"]) for row in results(chosen.out)["rows"]]
    assert ("sequential", soke.TRAINED) in names
    assert ("base", "base-1") in names
    reached = results(chosen.out)["goals"]
    assert "body joint, DTW path mean, base-1" in reached
    assert f"body joint, DTW path mean, {soke.TRAINED}" not in reached
    assert f"multi-head in parts of sequential, DTW-PA-JPE, {soke.TRAINED}" in reached


def test_the_plan_trains_nothing(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["soke", "--settings", "debug", "--data", f"[{data}]", "--out", str(tmp_path / "out"), "--plan", "true"]
    assert ablate.main(arguments) == 0
    told = capsys.readouterr().err
    assert "trains tokenizer and language model" in told
    assert "decoding only" in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["starter", "paper", "debug"])
def test_ready_rows_fit_their_recipe(name: str, data: Path, tmp_path: Path) -> None:
    """Every override is a setting that exists, and every row's model can be built with its tokenizer."""
    work = Work(name, [data], tmp_path)
    for row in rows.read(name):
        tokenizer = rows.merged(settings_io.read_section(name, "soke_tokenizer"), row.tokenizer)
        tokenizer |= {"data": [str(data)], "out": "x"}
        made = settings_io.build(soke_tokenizer.Settings, tokenizer, "soke_tokenizer")
        values = work._language_model(row, 1) | {"data": "x", "out": "x"}
        model = settings_io.build(soke_lm.Settings, values, "soke_lm").model
        assert model.codes == made.codes
        assert 0 <= model.fusion * (len(model.codes) - 1) <= 1
        evaluate = rows.merged(settings_io.read_section(name, "evaluate_soke"), row.evaluate)
        evaluate |= {"model": "x", "data": ["x"], "out": "x"}
        settings_io.build(evaluation.Settings, evaluate, "evaluate_soke")


def test_mistakes_are_told(tmp_path: Path) -> None:
    file = tmp_path / "rows.yaml"
    for text, told in (
        ("- {name: a, tables: [t], colour: red}", 'no setting "colour"'),
        ("- {name: a, tables: [t]}\n- {name: a, tables: [t]}", 'two rows "a"'),
        ("a: b", "a list of rows"),
        ("- a", "row 1 is not"),
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(SignError, match=told):
            rows.read(str(file))
    with pytest.raises(SignError, match='no rows "nowhere"'):
        rows.read("nowhere")
    with pytest.raises(SignError, match='no row or table "table 9"'):
        rows.chosen(rows.read("debug"), ["table 9"])

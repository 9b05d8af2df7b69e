"""The trainings behind the rows: each is done once, in a folder of its own, and goes on after a stop."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from sign_models.registry import load_dictionary, load_sign
from sign_models.soke.generator import read
from sign_models.soke.pipeline import SokePipeline
from train import settings as settings_io
from train import soke_encode, soke_lm, soke_tokenizer
from train.ablation.rows import Row, merged
from train.data.store import CLIPS_FILE, Store, chosen
from train.engine.loop import run
from train.engine.state import STATE_FILE
from train.evaluation import soke as evaluation
from train.evaluation.output import RESULTS_FILE
from train.evaluation.output import read as read_results

DONE = "done"
"""A file that says a training is over."""


class Work:
    """recipe: whose sections are the base. steps, tokenizer_steps: budgets of one training, 0 for the recipe's own."""

    def __init__(
        self,
        recipe: str,
        data: Sequence[Path],
        out: Path,
        steps: int = 0,
        tokenizer_steps: int = 0,
        dictionary_of: Callable[[str], Any] = load_dictionary,
        sign_of: soke_encode.SignOf = load_sign,
    ) -> None:
        self.recipe, self.data, self.out = recipe, [str(folder) for folder in data], out
        self.steps, self.tokenizer_steps = steps, tokenizer_steps
        self._dictionary_of, self._sign_of = cache(dictionary_of), sign_of
        self._train_clips = sum(1 for _ in chosen([Store(folder) for folder in data], "train"))

    def model(self, row: Row, seed: int) -> Path:
        """The out folder of the row's language model, trained when it is not there yet."""
        sections = self._language_model(row, seed)
        out = self._folder("lm", row.tokenizer, row.language_model, seed)
        values = merged(sections, {"data": str(self.tokens(row)), "out": str(out)})
        settings = settings_io.build(soke_lm.Settings, values, soke_lm.SECTION)
        self._train(out, settings, soke_lm.LanguageModelTask, soke_lm.SECTION)
        return out

    def tokens(self, row: Row) -> Path:
        """The out folder of ``train.soke_encode`` with the row's tokenizer."""
        out = self._folder("tokens", row.tokenizer)
        if not (out / CLIPS_FILE).is_file() or not (out / DONE).is_file():
            base = settings_io.read_section(self.recipe, soke_encode.SECTION)
            values = base | {"data": self.data, "tokenizer": str(self.tokenizer(row)), "out": str(out)}
            settings = settings_io.build(soke_encode.Settings, values, soke_encode.SECTION)
            soke_encode.encode(settings, self._dictionary_of, self._sign_of)
            (out / DONE).touch()
        return out

    def tokenizer(self, row: Row) -> Path:
        out = self._folder("tokenizer", row.tokenizer)
        base = merged(settings_io.read_section(self.recipe, soke_tokenizer.SECTION), row.tokenizer)
        values = merged(base, {"data": self.data, "out": str(out)})
        values["training"] = self._budget(values["training"], self.tokenizer_steps)
        settings = settings_io.build(soke_tokenizer.Settings, values, soke_tokenizer.SECTION)
        self._train(out, settings, soke_tokenizer.TokenizerTask, soke_tokenizer.SECTION)
        return out

    def measured(self, row: Row, model: Path, seed: int | None, clips: int, split: str) -> dict[str, Any]:
        """The results of evaluating a model as the row says; read where they are already."""
        slug = "".join(letter if letter.isalnum() else "-" for letter in row.name).strip("-")
        out = self.out / "rows" / (slug if seed is None else f"{slug}-seed{seed}")
        if not (out / RESULTS_FILE).is_file():
            base = merged(settings_io.read_section(self.recipe, evaluation.SECTION), row.evaluate)
            values = merged(base, {"model": str(model), "data": self.data, "out": str(out), "label": row.name})
            values |= {"clips": clips, "split": split}
            settings = settings_io.build(evaluation.Settings, values, evaluation.SECTION)
            evaluation.evaluate(settings, SokePipeline(read(model), self._dictionary_of))
        return read_results(out)

    def _language_model(self, row: Row, seed: int) -> dict[str, Any]:
        """The section with the row's changes, the codebooks of its tokenizer, its seed and its budget."""
        tokenizer = merged(settings_io.read_section(self.recipe, soke_tokenizer.SECTION), row.tokenizer)
        base = merged(settings_io.read_section(self.recipe, soke_lm.SECTION), row.language_model)
        values = merged(base, {"model": {"codes": tokenizer["codes"]}, "training": {"seed": seed}})
        values["training"] = self._budget(values["training"], self.steps)
        return values

    def _budget(self, training: Mapping[str, Any], steps: int) -> dict[str, Any]:
        """Whole epochs, so that the learning rate comes down; a budget below one epoch stops within it."""
        if not steps:
            return dict(training)
        epoch = max(self._train_clips // training["batch"], 1)
        epochs = max(steps // epoch, 1)
        return {**training, "epochs": epochs, "stop_after": min(steps, epochs * epoch), "validate_every": 0}

    def _train(self, out: Path, settings: Any, task: Callable[[Any], Any], section: str) -> None:
        if (out / DONE).is_file():
            return
        values = settings_io.plain(settings) | {"resume": (out / STATE_FILE).is_file()}
        settings = settings_io.build(type(settings), values, section)
        run(lambda: task(settings), settings, section)
        (out / DONE).touch()

    def _folder(self, kind: str, *changes: Any) -> Path:
        """One for each different training: rows that change the same share it."""
        if not any(changes[:2]):
            name = "-".join(["base", *map(str, changes[2:])])
        else:
            told = json.dumps(changes, sort_keys=True)
            name = hashlib.sha256(told.encode()).hexdigest()[:10]
        return self.out / kind / name

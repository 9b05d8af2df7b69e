"""The trainings behind the rows: each is done once, in a folder of its own, and goes on after a stop."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from sign_models.registry import load_dictionary, load_sign
from sign_models.soke.generator import read
from sign_models.soke.pipeline import SokePipeline
from train import settings as settings_io
from train import soke_encode, soke_lm, soke_tokenizer
from train.ablation.rows import Overrides, Row, merged
from train.ablation.trainings import DONE, budget, folder, same, train_once
from train.data.store import CLIPS_FILE, Store, chosen
from train.evaluation import soke as evaluation
from train.evaluation.output import RESULTS_FILE
from train.evaluation.output import read as read_results


class Work:
    """recipe: whose sections are the base. steps, tokenizer_steps: budgets of one training, 0 for the recipe's own.

    language_model: what is changed in every row. translator: reads the signing of the rows of Table 1.
    """

    def __init__(
        self,
        recipe: str,
        data: Sequence[Path],
        out: Path,
        steps: int = 0,
        tokenizer_steps: int = 0,
        language_model: Overrides | None = None,
        dictionary_of: Callable[[str], Any] = load_dictionary,
        sign_of: soke_encode.SignOf = load_sign,
        translator: Path | None = None,
    ) -> None:
        self.recipe, self.data, self.out = recipe, [str(place) for place in data], out
        self.steps, self.tokenizer_steps = steps, tokenizer_steps
        self._language_model_changes = language_model or {}
        self._translator = translator
        self._dictionary_of, self._sign_of = cache(dictionary_of), sign_of
        self._train_clips = sum(1 for _ in chosen([Store(place) for place in data], "train"))

    def model(self, row: Row, seed: int) -> Path:
        """The out folder of the row's language model, trained when it is not there yet."""
        sections = self._language_model(row, seed)
        out = folder(self.out, "lm", row.tokenizer, row.language_model, seed)
        values = merged(sections, {"data": str(self.tokens(row)), "out": str(out)})
        settings = settings_io.build(soke_lm.Settings, values, soke_lm.SECTION)
        train_once(out, settings, soke_lm.LanguageModelTask, soke_lm.SECTION)
        return out

    def tokens(self, row: Row) -> Path:
        """The out folder of ``train.soke_encode`` with the row's tokenizer."""
        tokenizer, out = self.tokenizer(row), folder(self.out, "tokens", row.tokenizer)
        if not (out / CLIPS_FILE).is_file() or not (out / DONE).is_file():
            base = settings_io.read_section(self.recipe, soke_encode.SECTION)
            values = base | {"data": self.data, "tokenizer": str(tokenizer), "out": str(out)}
            settings = settings_io.build(soke_encode.Settings, values, soke_encode.SECTION)
            soke_encode.encode(settings, self._dictionary_of, self._sign_of)
            (out / DONE).touch()
        return out

    def tokenizer(self, row: Row) -> Path:
        out = folder(self.out, "tokenizer", row.tokenizer)
        base = merged(settings_io.read_section(self.recipe, soke_tokenizer.SECTION), row.tokenizer)
        values = merged(base, {"data": self.data, "out": str(out)})
        values["training"] = budget(values["training"], self.tokenizer_steps, self._train_clips)
        settings = settings_io.build(soke_tokenizer.Settings, values, soke_tokenizer.SECTION)
        train_once(out, settings, soke_tokenizer.TokenizerTask, soke_tokenizer.SECTION)
        return out

    def measured(self, row: Row, model: Path, seed: int | None, clips: int, split: str) -> dict[str, Any]:
        """The results of evaluating a model as the row says; read where they are already."""
        slug = "".join(letter if letter.isalnum() else "-" for letter in row.name).strip("-")
        out = self.out / "rows" / (slug if seed is None else f"{slug}-seed{seed}")
        base = settings_io.read_section(self.recipe, evaluation.SECTION) | {"clips": clips, "split": split}
        base = merged(base, row.evaluate)
        values = merged(base, {"model": str(model), "data": self.data, "out": str(out), "label": row.name})
        if self._translator is not None and "table 1" in row.tables:
            values["translator"] = str(self._translator)
        settings = settings_io.build(evaluation.Settings, values, evaluation.SECTION)
        if (out / RESULTS_FILE).is_file():
            same(out, evaluation.SECTION, settings)
        else:
            evaluation.evaluate(settings, SokePipeline(read(model), self._dictionary_of))
        return read_results(out)

    def _language_model(self, row: Row, seed: int) -> dict[str, Any]:
        """The section with the row's changes, the codebooks of its tokenizer, its seed and its budget."""
        tokenizer = merged(settings_io.read_section(self.recipe, soke_tokenizer.SECTION), row.tokenizer)
        common = merged(settings_io.read_section(self.recipe, soke_lm.SECTION), self._language_model_changes)
        base = merged(common, row.language_model)
        values = merged(base, {"model": {"codes": tokenizer["codes"]}, "training": {"seed": seed}})
        values["training"] = budget(values["training"], self.steps, self._train_clips)
        return values

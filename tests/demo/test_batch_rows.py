import json
from pathlib import Path

import pytest

from demo.batch_render import is_done, read_rows, render_row
from sign_models.errors import SignError


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_three_formats_give_the_same_rows(tmp_path: Path) -> None:
    lines = written(tmp_path, "a.txt", "Hello.\n\nThank you.\n")
    table = written(tmp_path, "a.csv", "id,text,language\n000001,Hello.,ASL\n000003,Thank you.,ase\n")
    objects = written(
        tmp_path, "a.jsonl", '{"id": "000001", "text": "Hello."}\n{"id": "000003", "text": "Thank you."}\n'
    )
    rows = [read_rows(path, "ase", ".mp4", 512) for path in (lines, table, objects)]
    assert rows[0] == rows[1] == rows[2]
    assert [(row.name, row.text, row.language) for row in rows[0]] == [
        ("000001", "Hello.", "ase"),
        ("000003", "Thank you.", "ase"),
    ]


def test_an_id_cannot_leave_the_folder(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", '{"id": "../../etc/x", "text": "Hello."}\n')
    assert read_rows(path, "ase", ".mp4", 512)[0].name == "_.._etc_x"


def test_a_row_says_whether_it_has_captions_and_both_pictures(tmp_path: Path) -> None:
    table = written(tmp_path, "a.csv", "text,captions,beside\nHello.,yes,no\nYes.,no,yes\nNo.,,\n")
    for usual in (False, True):
        rows = read_rows(table, "ase", ".mp4", 512, {"captions": usual, "beside": usual})
        assert [row.captions for row in rows] == [True, False, usual]
        assert [row.beside for row in rows] == [False, True, usual]
    assert rows[0].fingerprint != rows[1].fingerprint


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.txt", "\n\n", "holds no sentence"),
        ("a.csv", "sentence\nHello\n", "a column named text is needed"),
        ("a.jsonl", "{nonsense\n", "Line 1 .* not JSON"),
        ("a.jsonl", '{"text": ""}\n', "has no text"),
        ("a.jsonl", '{"text": "Hello", "language": "Klingon"}\n', "Klingon"),
        ("a.jsonl", '{"text": "Hello", "tempo": "quick"}\n', "quick"),
        ("a.csv", "text,captions\nHello,perhaps\n", "'perhaps', which is neither yes nor no"),
        ("a.jsonl", '{"id": 1, "text": "A"}\n{"id": 1, "text": "B"}\n', "id 1 to more than one row"),
        ("a.docx", "Hello", "ends in .docx"),
    ],
)
def test_bad_input_is_told_by_file_and_line(tmp_path: Path, name: str, text: str, told: str) -> None:
    with pytest.raises(SignError, match=told):
        read_rows(written(tmp_path, name, text), "ase", ".mp4", 512)


def test_missing_file_other_encoding_and_missing_language_are_told(tmp_path: Path) -> None:
    with pytest.raises(SignError, match="no file"):
        read_rows(tmp_path / "nothing.txt", "ase", ".mp4", 512)
    (tmp_path / "b.txt").write_bytes("Grüße".encode("latin-1"))
    with pytest.raises(SignError, match="not UTF-8"):
        read_rows(tmp_path / "b.txt", "gsg", ".mp4", 512)
    with pytest.raises(SignError, match="names no language"):
        read_rows(written(tmp_path, "c.txt", "Hello"), None, ".mp4", 512)


def test_a_row_has_a_generated_video_beside_it(tmp_path: Path, lmt_folder: Path) -> None:
    table = written(tmp_path, "a.csv", "text,signer\nHello.,Ben\nThank you.,\nNo.,Ada\n")
    usual = {"signer": "Ada", "lmt": str(lmt_folder)}
    rows = read_rows(table, "ase", ".npz", 64, usual)
    assert [row.signer for row in rows] == ["Ben", "Ada", "Ada"]
    assert read_rows(table, "ase", ".npz", 64, {**usual, "signer": "Ben"})[1].fingerprint != rows[1].fingerprint
    out = tmp_path / "out"
    out.mkdir()
    assert [render_row(row, out).status for row in rows[:2]] == ["done", "done"]
    first, second = (json.loads((out / f"00000{n}.json").read_text(encoding="utf-8")) for n in (2, 3))
    assert first["generated"] == {"file": "000002-generated.mp4", "signer": "Ben", "missing": []}
    assert (out / "000002-generated.vtt").is_file()
    assert second["generated"] is None
    assert "none of the text's signs" in second["not_generated"]
    assert [is_done(row, out) for row in rows] == [True, True, False]
    (out / "000002-generated.mp4").unlink()
    assert not is_done(rows[0], out)
    with pytest.raises(SignError, match="choose one of Ada, Ben"):
        read_rows(table, "ase", ".npz", 64, {**usual, "signer": "Eve"})

"""A user's own signs: tables, SiGML and motion clips take part like the shipped ones, and mistakes are told."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sign_models import cli
from sign_models.dictionary import own_entries
from sign_models.dictionary.clips import LONGEST, clip_track, read_clip
from sign_models.dictionary.pipeline import DictionaryPipeline
from sign_models.errors import SignError
from sign_models.export.npz import write_npz
from sign_models.face import FACE_INDEX, expression_of
from sign_models.hamnosys.arm.posture import hands_in_use, rest_posture
from sign_models.hamnosys.arm.solver import solve
from sign_models.hamnosys.figure import Figure, load_figure
from sign_models.hamnosys.from_motion import track_of_motion
from sign_models.hamnosys.reading.nonmanual import parse_nonmanual
from sign_models.hamnosys.reading.parser import parse
from sign_models.hamnosys.smoothing import to_axis_angle
from sign_models.hamnosys.synthesizer import synthesize, track
from sign_models.hamnosys.track import Track
from sign_models.languages import language
from sign_models.parts import EXPRESSION_COLUMNS, HAND_COLUMNS, JAW_COLUMNS
from sign_models.paths import asset
from sign_models.registry import load_dictionary, load_pipeline
from sign_models.types import Motion

ASE = language("ase")
WAVE = "hamflathand hamextfingeruo hampalml hamshoulders hammover"
"""One hand, before the shoulders, to the side; held so that no joint comes near its limit."""
PUSH = "hamsymmlr hamflathand hamextfingero hampalml hamchest hammover"
"""Both hands."""
SIGML = f"""<?xml version="1.0" encoding="utf-8"?><sigml>
<hns_sign gloss="SHOO"><hamnosys_nonmanual><hnm_head tag="SH"/></hamnosys_nonmanual>
<hamnosys_manual>{"".join(f"<{tag}/>" for tag in WAVE.split())}</hamnosys_manual></hns_sign>
<hns_sign gloss="NOD_YES"><hamnosys_nonmanual><hnm_head tag="NO"/></hamnosys_nonmanual></hns_sign>
</sigml>"""
WRIST, PALM = 0.003, 5.0
"""Metres and degrees that a sign may change on its way through a clip."""


@pytest.fixture(scope="module")
def figure() -> Figure:
    return load_figure()


def degrees_between(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.degrees(np.linalg.norm(to_axis_angle(np.swapaxes(one, -1, -2) @ other), axis=-1)).max())


def assert_alike(one: Track, other: Track) -> None:
    assert len(one) == len(other)
    assert np.linalg.norm(one.wrists - other.wrists, axis=-1).max() < WRIST
    assert degrees_between(one.palms, other.palms) < PALM
    assert np.abs(one.fingers - other.fingers).max() < 0.01
    assert np.abs(one.head - other.head).max() < 0.02
    assert np.abs(one.face - other.face).max() < 0.01


def saved(path: Path, text: str = WAVE, nonmanual: str = "head:SH eyebrows:RB") -> Path:
    write_npz(path, synthesize(text, nonmanual=nonmanual))
    return path


def altered(path: Path, **changes: object) -> Path:
    """The clip with some arrays changed, or taken out where the change is None."""
    with np.load(saved(path)) as file:
        arrays = {name: file[name] for name in file.files}
    for name, change in changes.items():
        arrays[name] = change(arrays[name]) if callable(change) else change
    np.savez_compressed(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


# --- motion clips ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [WAVE, PUSH])
def test_a_sign_comes_back_from_its_clip(text: str, tmp_path: Path, figure: Figure) -> None:
    nonmanual = "head:SH eyebrows:RB mouthgesture:L04"
    sign = replace(parse(text), nonmanual=parse_nonmanual(nonmanual))
    made = track(sign, figure)
    back = clip_track(saved(tmp_path / "x.npz", text, nonmanual), figure)
    assert_alike(back, made)
    assert np.abs(made.head).max() > 0.1
    assert made.face.max() > 0.2
    assert hands_in_use(back, figure) == hands_in_use(made, figure)


@pytest.mark.parametrize("fps", [50.0, 60.0, 20.0])
def test_a_clip_of_another_rate_takes_as_long(fps: float, tmp_path: Path, figure: Figure) -> None:
    slow = altered(tmp_path / "x.npz", mocap_frame_rate=np.array(fps))
    made = track(WAVE, figure)
    back = clip_track(slow, figure)
    assert back.fps == 25
    assert len(back) == round((len(made) - 1) * 25 / fps) + 1
    assert np.allclose(back.wrists[[0, -1]], made.wrists[[0, -1]], atol=WRIST)
    assert np.abs(back.palms @ np.swapaxes(back.palms, -1, -2) - np.eye(3)).max() < 1e-6


def test_a_generated_sentence_is_cut_to_its_sign(tmp_path: Path, figure: Figure) -> None:
    """Such a clip begins and ends with hanging arms; the sign in it does not."""
    csv = tmp_path / "own.csv"
    csv.write_text(f"gloss,lemmas,hamnosys\nSHOO,shoo,{WAVE}\n", encoding="utf-8")
    result = load_pipeline("ase", csv).generate("shoo")
    write_npz(tmp_path / "x.npz", result.motion)
    back = clip_track(tmp_path / "x.npz", figure)
    made = track(WAVE, figure)
    assert len(back) < len(result.motion) - 15
    assert abs(len(back) - len(made)) <= 12
    assert np.linalg.norm(back.wrists[[0, -1], 1] - made.wrists[[0, -1], 1], axis=-1).max() < 0.06
    assert hands_in_use(back, figure) == (False, True)


def test_a_hand_that_hangs_is_not_used(figure: Figure) -> None:
    motion = synthesize(WAVE)
    motion.features[:, 12 + 2] -= 0.05  # the left shoulder: an arm that hangs a little further out
    back = track_of_motion(motion, figure)
    assert np.array_equal(back.wrists[:, 0], np.repeat(rest_posture(figure).wrists[:, 0], len(back), 0))


def test_the_face_from_expression_columns_and_the_jaw(figure: Figure) -> None:
    motion = synthesize(WAVE, nonmanual="eyebrows:RB")
    assert motion.face is not None
    told = Motion(motion.features, motion.fps, None)
    told.features[:, JAW_COLUMNS.start] = 0.177
    back = track_of_motion(told, figure)
    brows = expression_of(torch.from_numpy(back.face))[:, 0]
    assert torch.allclose(brows.float(), motion.features[:, EXPRESSION_COLUMNS.start], atol=1e-5)
    assert float(brows.max()) > 0.2
    assert np.allclose(back.face[:, FACE_INDEX["jawOpen"]], 0.5)
    foreign = track_of_motion(Motion(told.features, told.fps, None, expression_space="smplx"), figure)
    assert foreign.face.max() == foreign.face[:, FACE_INDEX["jawOpen"]].max() == pytest.approx(0.5)


def test_hands_told_from_the_mean_hand_are_made_whole(tmp_path: Path, figure: Figure) -> None:
    with np.load(asset("body/open_body.npz")) as body:
        mean = np.concatenate([body["hands_meanl"], body["hands_meanr"]])

    def less(poses: np.ndarray) -> np.ndarray:
        poses = poses.copy()
        poses[:, 75:] -= mean
        return poses

    path = altered(tmp_path / "x.npz", poses=less, flat_hands=np.array(False))
    columns = slice(HAND_COLUMNS[0].start, HAND_COLUMNS[1].stop)
    whole = synthesize(WAVE).features[:, columns]
    assert torch.allclose(read_clip(path).features[:, columns], whole, atol=1e-5)
    with pytest.raises(SignError, match="mean hand"):
        track_of_motion(Motion(whole.new_zeros(2, 133), flat_hands=False), figure)


def test_a_bare_recording_will_do(tmp_path: Path, figure: Figure) -> None:
    """Poses and a frame rate, as AMASS has them; trunk and root may move."""
    with np.load(saved(tmp_path / "x.npz")) as file:
        poses = file["poses"].copy()
    poses[:, 0:3] = [1.5, 0.0, 0.0]
    np.savez(tmp_path / "x.npz", poses=poses, mocap_framerate=np.array(25))
    back = clip_track(tmp_path / "x.npz", figure)
    assert np.allclose(back.wrists, track(WAVE, figure).wrists, atol=WRIST)


BAD_CLIPS: list[tuple[dict[str, object], str]] = [
    ({"poses": None}, '"poses"'),
    ({"mocap_frame_rate": None}, '"mocap_frame_rate"'),
    ({"mocap_frame_rate": np.array(0.0)}, "0.0"),
    ({"mocap_frame_rate": np.array(np.nan)}, "nan"),
    ({"mocap_frame_rate": np.array(1000.0)}, "1000"),
    ({"mocap_frame_rate": np.array("fast")}, "fast"),
    ({"mocap_frame_rate": np.array([25.0, 30.0])}, "(2,)"),
    ({"poses": lambda poses: poses[:, :156]}, "156"),
    ({"poses": lambda poses: poses[:1]}, "1 frames"),
    ({"poses": lambda poses: poses[:0]}, "0 frames"),
    ({"poses": lambda poses: np.repeat(poses, 40, 0)}, f"{LONGEST:g} s"),
    ({"poses": lambda poses: np.degrees(poses)}, "radians"),
    ({"poses": lambda poses: poses * np.nan}, "finite"),
    ({"poses": lambda poses: poses.astype(str)}, "finite"),
    ({"expression": lambda expression: expression[:-1]}, "expression"),
    ({"face": lambda face: face[:, :10]}, "face"),
]


@pytest.mark.parametrize(("changes", "told"), BAD_CLIPS)
def test_a_wrong_clip_is_told_in_one_sentence(changes: dict[str, object], told: str, tmp_path: Path) -> None:
    path = altered(tmp_path / "BAD.npz", **changes)
    with pytest.raises(SignError) as error:
        own_entries(path, ASE)
    assert told in str(error.value)
    assert str(error.value).startswith("BAD.npz: ")
    assert "\n" not in str(error.value)


def _zip_of_text() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("poses.npy", "no array")
        file.writestr("mocap_frame_rate.npy", "no array")
    return data.getvalue()


def _pickled() -> bytes:
    data = io.BytesIO()
    np.savez(data, poses=np.array([{"a": 1}], dtype=object))
    return data.getvalue()


@pytest.mark.parametrize("content", [b"", b"text", _zip_of_text(), _pickled()], ids=["empty", "text", "zip", "pickle"])
def test_what_is_no_npz_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "BAD.npz").write_bytes(content)
    with pytest.raises(SignError, match=r"BAD\.npz.*npz"):
        own_entries(tmp_path / "BAD.npz", ASE)


def test_a_damaged_clip_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "BAD.npz")
    content = bytearray(path.read_bytes())
    content[400:2000] = bytes(1600)
    path.write_bytes(bytes(content))
    with pytest.raises(SignError, match=r"BAD\.npz"):
        own_entries(path, ASE)


# --- entries --------------------------------------------------------------------------------------------------------


def test_sigml_becomes_entries(tmp_path: Path) -> None:
    path = tmp_path / "signs.sigml"
    path.write_text(SIGML, encoding="utf-8")
    shoo, nod = own_entries(path, ASE)
    assert (shoo.gloss, shoo.lemmas, shoo.hamnosys, shoo.nonmanual) == ("SHOO", ("shoo",), WAVE, "head:SH")
    assert (nod.gloss, nod.lemmas, nod.hamnosys, nod.nonmanual) == ("NOD_YES", ("nod yes",), "", "head:NO")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<sigml/>", "no sign"),
        (SIGML.replace("NOD_YES", " "), "sign 2"),
        (SIGML.replace("<hamflathand/>", "<hamnosuch/>"), "hamnosuch"),
        ("<sigml>", "XML"),
    ],
)
def test_wrong_sigml_is_told_with_its_file(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "signs.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SignError) as error:
        own_entries(path, ASE)
    assert str(error.value).startswith("signs.xml")
    assert told in str(error.value)


def test_a_folder_gives_all_its_sigml_and_clips(tmp_path: Path) -> None:
    (tmp_path / "b.sigml").write_text(SIGML, encoding="utf-8")
    saved(tmp_path / "thank_you.npz")
    (tmp_path / "notes.txt").write_text("not a sign", encoding="utf-8")
    entries = own_entries(tmp_path, ASE)
    assert [entry.gloss for entry in entries] == ["SHOO", "NOD_YES", "thank_you"]
    assert entries[-1].lemmas == ("thank you",)
    assert Path(entries[-1].clip).name == "thank_you.npz"


def test_a_folder_without_signs_and_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SignError, match=r"\.sigml, \.xml or \.npz"):
        own_entries(tmp_path, ASE)
    with pytest.raises(SignError, match="nowhere is not there"):
        own_entries(tmp_path / "nowhere", ASE)


def _csv(folder: Path, cells: str) -> Path:
    path = folder / "own.csv"
    path.write_text(f"gloss,lemmas,hamnosys,clip\n{cells}\n", encoding="utf-8")
    return path


def _toml(folder: Path, fields: str) -> Path:
    path = folder / "own.toml"
    path.write_text(f'[[sign]]\ngloss = "SHOO"\nlemmas = ["shoo"]\n{fields}\n', encoding="utf-8")
    return path


def test_tables_may_name_clips(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    saved(tmp_path / "clips" / "a.npz")
    for path in (_csv(tmp_path, "SHOO,shoo,,clips/a.npz"), _toml(tmp_path, 'clip = "clips/a.npz"')):
        (entry,) = own_entries(path, ASE)
        assert entry.hamnosys == ""
        assert Path(entry.clip) == (tmp_path / "clips" / "a.npz").resolve()


TABLE_MISTAKES: list[tuple[Callable[[Path, str], Path], str, list[str]]] = [
    (_csv, "SHOO,shoo,,", ["row 2", "column hamnosys", "empty"]),
    (_csv, f"SHOO,shoo,{WAVE},a.npz", ["row 2", "only one"]),
    (_csv, "SHOO,shoo,hamflathand hamnosuch,", ["row 2", "column hamnosys", "hamnosuch"]),
    (_csv, "SHOO,shoo,,../a.npz", ["row 2", "column clip", "outside"]),
    (_csv, "SHOO,shoo,,/a.npz", ["row 2", "column clip", "outside"]),
    (_csv, "SHOO,shoo,,none.npz", ["row 2", "column clip", "none.npz", "not there"]),
    (_csv, "SHOO,shoo,,own.csv", ["row 2", "column clip", ".npz"]),
    (_csv, "SHOO,shoo,,text.npz", ["row 2", "column clip", "cannot be read"]),
    (_toml, "", ["sign 1", "SHOO", "hamnosys"]),
    (_toml, 'clip = "../a.npz"', ["sign 1", "SHOO", "field clip", "outside"]),
    (_toml, "clip = 7", ["sign 1", "field clip", "7"]),
    (_toml, f'hamnosys = "{WAVE}"\nnonmanual = "head:ZZ"', ["sign 1", "field nonmanual", "ZZ"]),
]


@pytest.mark.parametrize(("write", "content", "told"), TABLE_MISTAKES)
def test_mistakes_in_tables_name_their_place(
    write: Callable[[Path, str], Path], content: str, told: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "text.npz").write_text("text", encoding="utf-8")
    saved(tmp_path / "a.npz")
    with pytest.raises(SignError) as error:
        own_entries(write(folder, content), ASE)
    assert all(part in str(error.value) for part in ["own.", *told])


# --- taking part ----------------------------------------------------------------------------------------------------


def test_own_signs_of_every_kind_are_signed_among_the_shipped_ones(tmp_path: Path, figure: Figure) -> None:
    (tmp_path / "b.sigml").write_text(SIGML.replace("NOD_YES", "ZEBRA"), encoding="utf-8")
    saved(tmp_path / "thank_you.npz", PUSH)
    pipeline = load_pipeline("ASL", tmp_path)
    result = pipeline.generate("Thank you. Shoo, zebra! You?")
    assert [cue.gloss for cue in result.cues] == ["thank_you", "SHOO", "ZEBRA", "YOU"]
    assert result.motion.features.isfinite().all()
    assert torch.allclose(result.motion.features[0], result.motion.features[-1], atol=5e-3)
    shown, _ = solve(pipeline.track(result.hints[0].entries[0]), figure)
    assert float(np.ptp(shown.features[:, :30].numpy(), axis=0).max()) > 0.1
    nod = pipeline.track(next(hint for hint in result.hints if hint.gloss == "ZEBRA").entries[0])
    assert np.ptp(nod.head[:, 0]) > 0.05
    assert load_pipeline("ASL") is load_pipeline("ase")
    assert load_pipeline("ASL").dictionary.read("Thank you.")[0].hints[0].gloss != "thank_you"


def test_a_clip_that_goes_missing_is_told_with_its_gloss(tmp_path: Path) -> None:
    path = saved(tmp_path / "shoo.npz")
    pipeline = DictionaryPipeline(load_dictionary("ase", path))
    path.unlink()
    with pytest.raises(SignError, match=r"shoo.*not there"):
        pipeline.generate("shoo")


def test_the_order_of_the_text_can_be_kept() -> None:
    pipeline = load_pipeline("ase")
    text = "What do you want today?"
    moved = [hint.gloss for hint in pipeline.generate(text).hints if hint.entries]
    kept = [hint.gloss for hint in pipeline.generate(text, reorder=False).hints if hint.entries]
    assert sorted(moved) == sorted(kept)
    assert kept[0] == "WHAT" == moved[-1]
    assert moved[0] == "TODAY" == kept[-1]


def test_the_command_line_takes_own_signs_and_the_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = _csv(tmp_path, f"MY-SHOO,shoo,{WAVE},")
    assert cli.main(["dictionary", "find", "shoo", "--dictionary", str(own)]) == 0
    assert "\tMY-SHOO\t" in capsys.readouterr().out
    out = tmp_path / "a.json"
    asked = ["generate", "You shoo today.", "--dictionary", str(own), "--out", str(out), "--quiet"]
    glosses = []
    for more in ([], ["--keep-order"]):
        assert cli.main([*asked, *more]) == 0
        text = out.read_text(encoding="utf-8")
        glosses.append(text.index('"MY-SHOO"') < text.index('"TODAY"'))
    assert glosses == [False, True]
    assert cli.main(["dictionary", "find", "shoo", "--dictionary", str(tmp_path / "none.csv")]) == 2
    assert "none.csv" in capsys.readouterr().err

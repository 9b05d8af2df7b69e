"""Writes a folder that can be pushed to Hugging Face Spaces as it is.

python -m demo.space.build OUT            the page (Gradio: ZeroGPU or CPU)
python -m demo.space.build OUT --static   a gallery of signed examples; also opens by a double click, offline
"""

import argparse
import re
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path

from demo.pages import HONESTY
from demo.space.gallery import examples, write_gallery
from sign_models.errors import SignError

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SENT = ("sign_models", "demo", "assets", "LICENSE")
NOT_SENT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "space")
TORCH = "torch>=2.8,<2.12"
"""What ZeroGPU offers."""

LICENSED = re.compile(r"^(SMPLX|SMPLH|SMPL|MANO|FLAME)_.*\.(npz|pkl)$", re.IGNORECASE)


def build_space(folder: Path) -> None:
    """The page with all it needs into ``folder``, which exists and is empty."""
    for name in SENT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=NOT_SENT)
        else:
            shutil.copyfile(source, folder / name)
    shutil.copyfile(HERE / "app.py", folder / "app.py")
    pins = _pins()
    (folder / "requirements.txt").write_text("".join(f"{line}\n" for line in requirements(pins)), encoding="utf-8")
    (folder / "packages.txt").write_text("".join(f"{name}\n" for name in packages()), encoding="utf-8")
    card = (HERE / "card.md").read_text(encoding="utf-8").replace("$GRADIO", pins["gradio"])
    (folder / "README.md").write_text(card.replace("$HONESTY", HONESTY), encoding="utf-8")


def build_static(folder: Path) -> None:
    """The gallery into ``folder``, which exists and is empty."""
    write_gallery(folder, examples())
    card = (HERE / "card-static.md").read_text(encoding="utf-8")
    (folder / "README.md").write_text(card.replace("$HONESTY", HONESTY), encoding="utf-8")
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE")


def requirements(pins: dict[str, str]) -> list[str]:
    """The library's dependencies, each at its tested version; gradio comes with the Space, torch with its hardware."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["demo"]]
    names = [name for line in needed if (name := re.split(r"[<>=]", line)[0]) != "gradio"]
    return [TORCH if name == "torch" else f"{name}=={pins[_plain(name)]}" for name in names]


def packages() -> list[str]:
    """Debian packages that drawing needs."""
    lines = (ROOT / ".ci" / "packages.txt").read_text(encoding="utf-8").splitlines()
    return [line.split()[1] for line in lines if line.startswith("demo lib")]


def _pins() -> dict[str, str]:
    lines = (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {_plain(name): version for name, version in (line.split("==") for line in lines if "==" in line)}


def _plain(name: str) -> str:
    """A package's name as it is compared: pose_format and Pose-Format are one."""
    return re.sub(r"[-_.]+", "-", name).lower()


def write(out: Path, static: bool) -> None:
    """Builds beside ``out`` and puts it in place whole; SignError when ``out`` is there already."""
    if out.exists():
        raise SignError(f"{out} is there already; give the name of a new folder, or remove it first.")
    if not out.parent.is_dir():
        raise SignError(f"The folder {out.parent} does not exist; make it first or choose another place.")
    with tempfile.TemporaryDirectory(prefix=".space-", dir=out.parent) as made:
        folder = Path(made) / "space"
        folder.mkdir()
        (build_static if static else build_space)(folder)
        licensed = sorted(path.name for path in folder.rglob("*") if LICENSED.match(path.name))
        if licensed:
            raise SignError(f"{licensed[0]} under assets/ may not be given away; move it elsewhere and build again.")
        folder.rename(out)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT", help="a new folder")
    parser.add_argument("--static", action="store_true", help="the gallery instead of the page")
    options = parser.parse_args(arguments)
    try:
        write(options.out, options.static)
    except SignError as error:
        print(f"demo.space.build: {error}", file=sys.stderr)
        return 2
    print(f"Written to {options.out}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

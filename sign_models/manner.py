"""How a text is to be signed: one value that the page, the command line, the batch script and the API all fill in."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from sign_models.errors import SignError
from sign_models.types import Maker

MAKERS: dict[Maker, str] = {"soke": "SOKE network", "dictionary": "dictionary"}
"""Who can sign, and their names for people, the usual one first."""

TEMPOS = (0.5, 1.5)
SEEDS = (0, 2**31 - 1)
TEMPERATURES = (0.0, 2.0)
TOP_K = (0, 1000)


@dataclass(frozen=True)
class Manner:
    """Settings that change the motion; those from ``seed`` on are the network's alone.

    by: None for the usual one (``registry.usual_maker``). reorder: in the word order of the signed language.
    temperature: 0 always takes the most likely code, and ``seed`` changes nothing. top_k: draw among so many of the
    likeliest codes, 0 for all. mode: how codes are decoded, empty for the folder's first. retrieval: give the network
    the dictionary's signs. SignError names a value that is out of its limits.
    """

    by: Maker | None = None
    tempo: float = 1.0
    reorder: bool = True
    seed: int = 0
    temperature: float = 0.0
    top_k: int = 0
    mode: str = ""
    retrieval: bool = True

    def __post_init__(self) -> None:
        if self.by is not None and self.by not in MAKERS:
            raise SignError(f'Nobody here signs as "{self.by}"; choose {" or ".join(MAKERS)}.')
        for name, value, (low, high) in (
            ("tempo", self.tempo, TEMPOS),
            ("seed", self.seed, SEEDS),
            ("temperature", self.temperature, TEMPERATURES),
            ("top-k number", self.top_k, TOP_K),
        ):
            if not low <= value <= high:
                raise SignError(f"The {name} is {value:.10g}; choose one from {low} to {high}.")


def add_manner(parser: argparse.ArgumentParser) -> None:
    """The flags of who signs and how, the same for every command."""
    parser.add_argument("--by", choices=tuple(MAKERS), help="who signs; default: SOKE where it has weights")
    network = parser.add_argument_group("settings of the SOKE network")
    network.add_argument("--soke", type=Path, metavar="FOLDER", help="trained weights instead of the shipped ones")
    network.add_argument("--seed", type=int, default=0, help="for temperatures above 0; default: 0")
    network.add_argument("--temperature", type=float, default=0.0, help="0 is greedy, up to 2; default: 0")
    network.add_argument("--top-k", type=int, default=0, help="draw among the K likeliest codes; default: 0, all")
    network.add_argument("--mode", default="", help="multi_head, sequential or parallel, where there are such weights")
    network.add_argument("--no-retrieval", action="store_true", help="keep the dictionary's signs from the network")


def add_video(parser: argparse.ArgumentParser) -> None:
    """The flags of the generated video, the same for every command; its seed and temperature are the manner's."""
    video = parser.add_argument_group("a generated video of the same signs (the LMT network)")
    told = "who is seen in it; it is written beside the result as …-generated.mp4 and .vtt"
    video.add_argument("--signer", default="", metavar="NAME", help=told)
    video.add_argument("--beside", action="store_true", help="an .mp4 itself shows both, on one clock; needs --signer")
    video.add_argument("--lmt", type=Path, metavar="FOLDER", help="trained weights instead of the shipped ones")

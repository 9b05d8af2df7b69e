"""The command line: generate, dictionary, convert, doctor.

``sign-models --help`` or ``python -m sign_models.cli --help``.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from sign_models import __version__
from sign_models.errors import SignError
from sign_models.files import read_text, text_lines
from sign_models.manner import MAKERS, Manner, add_manner, add_video

OnStep = Callable[[str, float], None]

OWN_HELP = "your own signs, which come first: .csv, .toml, .sigml, .xml, .npz, or a folder of the last three"


def _generate(options: argparse.Namespace) -> int:
    from sign_models.body import Appearance
    from sign_models.outputs import BACKGROUNDS, generated_beside, save_generated, studio, writable
    from sign_models.registry import generate_video, sign_text
    from sign_models.render import Look

    writable(options.out)  # before the work, not after it
    _check_video(options)
    appearance = Appearance(options.skin, options.top, options.hair)
    look = Look(options.camera, options.size, BACKGROUNDS.get(options.background, options.background), options.mirror)
    on_step = None if options.quiet else _show
    manner = Manner(
        options.by,
        options.tempo,
        not options.keep_order,
        options.seed,
        options.temperature,
        options.top_k,
        options.mode,
        not options.no_retrieval,
    )
    own, soke = options.dictionary, options.soke
    result = sign_text(options.text, options.language, manner, own=own, soke=soke, on_step=on_step)
    generated = None
    if options.signer or options.still:
        generated = generate_video(
            result, options.signer, options.seed, options.temperature, still=options.still, lmt=options.lmt
        )
    studio(options.body).save(
        result,
        options.out,
        appearance=appearance,
        look=look,
        captions=options.captions,
        beside=generated if options.beside else None,
        on_step=on_step,
    )
    if generated is not None:
        path = save_generated(generated, generated_beside(options.out), options.size)
        if not options.quiet:
            _show(f"{path}: generated video, {generated.signer or options.still.name}", 1.0)
            if generated.note:
                print(f"  {generated.note} Missing: {', '.join(generated.missing)}.", file=sys.stderr)
    if not options.quiet:
        stages = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in result.timings.stages.items())
        _show(f"{options.out}: {result.motion.seconds:.1f} s, signed by {MAKERS[result.by]} ({stages})", 1.0)
        for note in result.notes:
            print(f"  {note}", file=sys.stderr)
        for hint in result.hints:
            print(f"  {hint.word}: {hint.gloss or '-'} ({hint.reason})", file=sys.stderr)
    return 0


def _check_video(options: argparse.Namespace) -> None:
    """SignError for flags of the generated video that do not go together."""
    from sign_models.registry import check_signer

    if options.signer and options.still:
        raise SignError("There are both --signer and --still; the generated video begins with one of them.")
    if options.beside and not (options.signer or options.still):
        raise SignError("--beside puts a generated video beside the avatar; say who is seen in it with --signer.")
    if options.signer:
        check_signer(options.signer, options.lmt)


def _find(options: argparse.Namespace) -> int:
    from sign_models.registry import load_dictionary

    for hint in load_dictionary(options.language, options.dictionary).find(options.text):
        print(f"{hint.word}\t{hint.status}\t{hint.gloss}\t{hint.reason}")
    return 0


def _coverage(options: argparse.Namespace) -> int:
    from sign_models.dictionary import coverage
    from sign_models.registry import load_dictionary

    if options.soke is not None:
        print(_soke_coverage(options))
        return 0
    print(coverage(read_text(options.file), load_dictionary(options.language, options.dictionary)))
    return 0


def _soke_coverage(options: argparse.Namespace) -> str:
    from sign_models.languages import language
    from sign_models.registry import load_soke
    from sign_models.soke.coverage import hint_coverage

    pipeline, code = load_soke(options.soke, own=options.dictionary), language(options.language).code
    parts, lines = pipeline.generator, [line for line in text_lines(options.file, (code,)) if line.strip()]
    signs, vocabulary = parts.signs, parts.model.vocabulary
    find = pipeline.hints_of(code)
    return hint_coverage(lines, code, find, signs, parts.prompt, parts.text.encode, vocabulary).table()


def _check(options: argparse.Namespace) -> int:
    from sign_models.dictionary.inspection import inspect
    from sign_models.dictionary.transcriptions import read_transcriptions
    from sign_models.hamnosys.figure import load_figure

    result = inspect(read_transcriptions(options.file), load_figure(), _show if sys.stderr.isatty() else None)
    print(result.line() if options.json else result.table(options.parsed, options.sound))
    return 0 if result.passed(options.parsed, options.sound) else 1


def _doctor(options: argparse.Namespace) -> int:
    from sign_models.doctor import examine

    findings = examine()
    for finding in findings:
        print(finding)
    return 0 if all(finding.works or finding.optional for finding in findings) else 1


def _convert_tokenizer(options: argparse.Namespace) -> int:
    from sign_models.soke.public import convert_tokenizer

    print(f"{options.out}: {convert_tokenizer(options.file, options.out, options.statistics)}")
    return 0


def _convert_generator(options: argparse.Namespace) -> int:
    from sign_models.soke.exchange import Unsaid, export_generator, import_generator
    from sign_models.soke.signs import read_word2code

    if options.file.is_dir():
        print(f"{options.out}: {export_generator(options.file, options.out)}")
        return 0
    unsaid = Unsaid(options.fusion, options.scaled, options.named, options.mode)
    found = import_generator(
        options.file,
        options.out,
        options.text or options.file.parent,
        unsaid,
        statistics=options.statistics,
        tokenizer=options.tokenizer,
        signs=read_word2code(options.signs) if options.signs else None,
    )
    print(f"{options.out}: {found}")
    return 0


def _convert_mbart(options: argparse.Namespace) -> int:
    from sign_models.soke.mbart import prune

    texts = (line for file in options.texts for line in text_lines(file, options.languages))
    print(f"{options.out}: {prune(options.folder, options.out, texts, options.languages, options.least)}")
    return 0


def _show(stage: str, share: float) -> None:
    """Progress on one line of a terminal; only what is finished elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\033[K{stage} {share:4.0%}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)
    elif share >= 1:
        print(stage, file=sys.stderr)


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no share; give a number from 0 to 1")
    return value


def _typed(word: str) -> str:
    """A word of the command line as it was typed, also where the locale knows no UTF-8."""
    return os.fsencode(word).decode("utf-8", "replace")


def parser() -> argparse.ArgumentParser:
    main_parser = argparse.ArgumentParser(prog="sign-models", description="Text to sign language one can watch.")
    main_parser.add_argument("--version", action="version", version=__version__)
    commands = main_parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    generate = commands.add_parser("generate", help="sign a text into a file")
    generate.add_argument("text", metavar="TEXT")
    generate.add_argument("--language", default="ase", help="ASL (ase), CSL (csl) or DGS (gsg); default: ase")
    generate.add_argument("--out", type=Path, required=True, help="FILE.mp4, .glb, .npz, .bvh, .pose, .vtt or .srt")
    generate.add_argument("--dictionary", type=Path, metavar="FILE", help=OWN_HELP)
    generate.add_argument("--keep-order", action="store_true", help="sign in the word order of the text")
    generate.add_argument("--tempo", type=float, default=1.0, help="0.5 to 1.5; default: 1")
    add_manner(generate)
    add_video(generate)
    still = "in place of --signer: a picture of anyone in the trained style, in the size the network was trained on"
    generate.add_argument("--still", type=Path, metavar="PICTURE", help=still)
    generate.add_argument("--camera", default="front", help="front, side or hands; default: front")
    generate.add_argument("--size", type=int, default=512, help="pixels of the square picture; default: 512")
    generate.add_argument("--mirror", action="store_true", help="swap left and right in the video")
    generate.add_argument(
        "--captions", action="store_true", help="sentence and current sign below the picture of a video"
    )
    generate.add_argument("--skin", default="light", help="a name or #rrggbb; default: light")
    generate.add_argument("--top", default="navy", help="a name or #rrggbb; default: navy")
    generate.add_argument("--hair", default="dark brown", help="a name or #rrggbb; default: dark brown")
    generate.add_argument("--background", default="pale blue", help="a name or #rrggbb; default: pale blue")
    generate.add_argument("--body", type=Path, help="a licensed SMPL-X file or folder instead of the open body")
    generate.add_argument("--quiet", action="store_true", help="say nothing unless something is wrong")
    generate.set_defaults(run=_generate)

    dictionary = commands.add_parser("dictionary", help="ask the sign dictionaries")
    asks = dictionary.add_subparsers(title="questions", required=True, metavar="QUESTION")
    find = asks.add_parser("find", help="what becomes of each word of a text")
    find.add_argument("text", metavar="TEXT")
    find.add_argument("--language", default="ase")
    find.add_argument("--dictionary", type=Path, metavar="FILE", help=OWN_HELP)
    find.set_defaults(run=_find)
    coverage = asks.add_parser("coverage", help="how much of a text file has signs")
    coverage.add_argument("file", type=Path, metavar="FILE")
    coverage.add_argument("--language", required=True)
    coverage.add_argument("--dictionary", type=Path, metavar="OWN", help=OWN_HELP)
    coverage.add_argument("--soke", type=Path, metavar="FOLDER", help="the words that this network is given signs for")
    coverage.set_defaults(run=_coverage)

    convert = commands.add_parser("convert", help="read published weights")
    kinds = convert.add_subparsers(title="kinds", required=True, metavar="KIND")
    tokenizer = kinds.add_parser("soke-tokenizer", help="SOKE's tokenizer.ckpt, with mean.pt and std.pt beside it")
    tokenizer.add_argument("file", type=Path, metavar="FILE")
    tokenizer.add_argument("out", type=Path, metavar="OUT", help="folder to write to")
    tokenizer.add_argument("--statistics", type=Path, help="folder of mean.pt and std.pt, when they lie elsewhere")
    tokenizer.set_defaults(run=_convert_tokenizer)

    model = kinds.add_parser("soke-lm", help="a checkpoint of SOKE's generator, or a folder of ours into such a file")
    model.add_argument("file", type=Path, metavar="FROM", help="FILE.ckpt, or a folder that train.soke_lm has made")
    model.add_argument("out", type=Path, metavar="OUT", help="folder to write to, or FILE.ckpt")
    model.add_argument(
        "--text", type=Path, help="folder of sentencepiece.bpe.model and map_ids.pkl; default: beside it"
    )
    model.add_argument("--statistics", type=Path, help="folder of mean.pt and std.pt, when they lie elsewhere")
    model.add_argument("--tokenizer", type=Path, help="a converted tokenizer, when the checkpoint holds none")
    model.add_argument("--signs", type=Path, metavar="FILE", help="word2code.json")
    model.add_argument("--fusion", type=float, default=0.4, help="lambda; default: 0.4, the paper says 1/3")
    scaled = "which embeddings its transformers scaled: encoder (up to 4.40), neither (4.41) or both; default: both"
    model.add_argument("--scaled", choices=("encoder", "neither", "both"), default="both", help=scaled)
    model.add_argument("--named", action="store_true", help="the prompt of before 22 November 2025, with the words")
    model.add_argument("--mode", choices=("multi_head", "sequential"), default="multi_head", help="default: multi_head")
    model.set_defaults(run=_convert_generator)
    mbart = kinds.add_parser("mbart", help="mbart-large-cc25, with only the token rows that some texts need")
    mbart.add_argument("folder", type=Path, metavar="FOLDER", help="weights and sentencepiece.bpe.model")
    mbart.add_argument("out", type=Path, metavar="OUT", help="folder for soke_lm's start_from")
    mbart.add_argument(
        "--texts",
        type=Path,
        nargs="+",
        required=True,
        metavar="FILE",
        help="a sentence a line, or clips.jsonl of a corpus",
    )
    mbart.add_argument(
        "--languages", nargs="+", default=["ase", "csl", "gsg"], metavar="CODE", help="default: ase csl gsg"
    )
    mbart.add_argument("--least", type=int, default=1, help="how often a token occurs to be kept; default: 1")
    mbart.set_defaults(run=_convert_mbart)

    check = asks.add_parser("check", help="whether transcriptions can be read and become sound motion")
    check.add_argument("file", type=Path, metavar="FILE", help="HamNoSys lines, a .toml dictionary, SiGML or a folder")
    check.add_argument("--json", action="store_true", help="one line of JSON instead of the table")
    check.add_argument("--parsed", type=_share, default=0.99, help="least share that is read; default: %(default)s")
    check.add_argument("--sound", type=_share, default=0.95, help="least share within limits; default: %(default)s")
    check.set_defaults(run=_check)

    commands.add_parser("doctor", help="what works on this machine").set_defaults(run=_doctor)
    return main_parser


def main(arguments: list[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a locale without UTF-8 must not stop us
    options = parser().parse_args([_typed(word) for word in (sys.argv[1:] if arguments is None else arguments)])
    try:
        return int(options.run(options))
    except SignError as error:
        print(f"sign-models: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("sign-models: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())

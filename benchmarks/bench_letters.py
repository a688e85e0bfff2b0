"""Precision and recall of the letter reader by field, and letters a second.

    python benchmarks/bench_letters.py [--folder tests/letters/invented ...] [--misses] [--speed 2000]
    python benchmarks/bench_letters.py --memory 1000 10000
    python benchmarks/bench_letters.py --phrases

A folder has letters and a `gold.yaml` with what each says (its keys: tests/letters/README.md).
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from guidecheck import load_library
from guidecheck.letters.reading import LetterReader
from guidecheck.library.loading import rule_folders
from letter_scores import (
    DETAIL_FIELDS,
    EVIDENCE_FIELDS,
    FACT_FIELDS,
    REQUEST_FIELDS,
    Count,
    PhraseCount,
    Score,
    Scorer,
    phrase_counts,
)

HERE = Path(__file__).resolve().parent.parent
FOLDERS = [HERE / "tests/letters/invented", HERE / "tests/letters/styles"]
PHRASES = ("phrases", "phrases_therapy", "phrases_opioid")


def make_reader() -> LetterReader:
    """Return a reader of the rules in use."""
    return LetterReader(load_library(), rule_folders())


def generate(folders: list[Path], count: int, place: Path) -> None:
    """Write letters, each a copy of one of the folders' under a case number of its own."""
    texts = [path.read_text("utf-8") for folder in folders for path in sorted(folder.glob("*.txt"))]
    for index in range(count):
        letter = re.sub(r"CM\d\d-\d{7}", f"CM13-{index:07}", texts[index % len(texts)])
        (place / f"{index:06}.txt").write_text(letter, "utf-8")


def speed(folders: list[Path], count: int, jobs: int) -> tuple[float, float]:
    """Return letters a second of a clock and of the processors' time, over generated letters.

    Both include the start of every process, which takes about as long as 150 letters.
    """
    from guidecheck.letters.running import read_letters

    with tempfile.TemporaryDirectory() as place:
        generate(folders, count, Path(place))
        start, used = time.perf_counter(), sum(os.times()[:4])
        read = sum(1 for _ in read_letters([place], rule_folders(), jobs=jobs))
        return read / (time.perf_counter() - start), read / (sum(os.times()[:4]) - used)


def memory(folders: list[Path], count: int, jobs: int) -> tuple[float, float]:
    """Return the peak memory (MiB) of `guidecheck letters read` over generated letters, and its seconds of CPU."""
    with tempfile.TemporaryDirectory() as place:
        letters = Path(place, "letters")
        letters.mkdir()
        generate(folders, count, letters)
        command = [sys.executable, "-m", "guidecheck", "letters", "read", str(letters), "--jobs", str(jobs)]
        outputs = ["--out", f"{place}/cases.jsonl", "--details", f"{place}/details.jsonl"]
        run = subprocess.Popen(
            [*command, *outputs, "--rejects", f"{place}/rejects.jsonl"], stderr=subprocess.DEVNULL
        )
        _, status, used = os.wait4(run.pid, 0)
        if status:
            rejects = Path(place, "rejects.jsonl").read_text("utf-8")
            raise SystemExit(f"letters read failed or rejected letters: {rejects[:300]}")
        # The largest of the processes: each of the readers, and the one that writes.
        return used.ru_maxrss / 1024, used.ru_utime + used.ru_stime


def _print_phrases(reader: LetterReader) -> None:
    for name in PHRASES:
        for part in ("seen", "kept_back"):
            counts = phrase_counts(reader, HERE / f"tests/letters/{name}.yaml", part)
            print(f"\n{f'{name}, {part}':28} precision  recall  told  found  wrong  silent   said")
            for fact, c in [*sorted(counts.items()), ("TOTAL", sum(counts.values(), PhraseCount()))]:
                figures = f"{c.precision:9.3f} {c.recall:7.3f} {c.told:5} {c.found:6}"
                print(f"{fact:28} {figures} {c.wrong:6} {c.silent:7} {c.said:6}")


def _print_field(name: str, count: Count) -> None:
    figures = f"{count.precision:9.3f} {count.recall:7.3f} {count.right:6} {count.false:6} {count.missed:7}"
    print(f"{name:28} {figures}")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, action="append")
    parser.add_argument("--misses", action="store_true", help="print every difference")
    parser.add_argument("--held-back", choices=["all", "without", "only"], default="all")
    parser.add_argument("--speed", type=int, default=0, metavar="N", help="time N letters")
    parser.add_argument(
        "--memory", type=int, nargs="+", default=[], metavar="N", help="peak memory over N letters"
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--phrases", action="store_true", help="score the phrases files, by fact, instead")
    given = parser.parse_args()
    if given.phrases:
        _print_phrases(make_reader())
        return
    folders = [f for f in given.folder or FOLDERS if (f / "gold.yaml").exists()]
    score, scorer = Score(), Scorer(make_reader())
    chosen = {"all": None, "without": False, "only": True}[given.held_back]
    letters = sum(scorer.score(folder, score, held_back=chosen) for folder in folders)
    print(f"{letters} letters")
    print(f"{'field':28} {'precision':>9} {'recall':>7} {'right':>6} {'false':>6} {'missed':>7}")
    for name, count in [
        *sorted(score.fields.items()),
        ("REQUEST", score.total(REQUEST_FIELDS)),
        ("FACTS", score.total(FACT_FIELDS)),
        ("DETAILS", score.total(DETAIL_FIELDS)),
        ("EVIDENCE", score.total(EVIDENCE_FIELDS)),
    ]:
        _print_field(name, count)
    if given.misses:
        print("\n".join(score.misses))
    if given.speed:
        by_clock, by_processors = speed(folders, given.speed, given.jobs)
        print(f"{by_clock:.0f} letters a second, {given.jobs} jobs; {by_processors:.0f} by the processors' time")
    for number in given.memory:
        peak, spent = memory(folders, number, given.jobs)
        print(
            f"{number:>7,} letters: peak {peak:.0f} MiB, {number / spent:.0f} letters a second of processors' time"
        )


if __name__ == "__main__":
    main()

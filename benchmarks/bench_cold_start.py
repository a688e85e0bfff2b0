"""Cold start of `guidecheck check` as a whole process, beside Python itself and its imports.

python benchmarks/bench_cold_start.py [--runs 15]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

from drafts import ROOT

EXAMPLE = str(ROOT / "examples" / "decision-001.yaml")
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "python -c 'import pydantic, durable, click, yaml'": ["-c", "import pydantic, durable, click, yaml"],
    "guidecheck --version": ["-m", "guidecheck", "--version"],
    "guidecheck check --format json": ["-m", "guidecheck", "check", EXAMPLE, "--format", "json"],
    "guidecheck check": ["-m", "guidecheck", "check", EXAMPLE],
}


def seconds(arguments: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(runs):  # in turns, so that a busy machine slows all of them
        for name, arguments in COMMANDS.items():
            times[name].append(seconds(arguments))
    base = statistics.median(times["python -c pass"])
    for name, all_seconds in times.items():
        median, fastest = statistics.median(all_seconds), min(all_seconds)
        print(
            f"{name:<52} median {median * 1000:6.0f} ms   fastest {fastest * 1000:6.0f} ms   {median / base:5.1f}"
        )


if __name__ == "__main__":
    main()

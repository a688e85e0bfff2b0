"""Reading many letters, on several processes, in the order of their names; nothing is lost."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guidecheck.errors import GuidecheckError
from guidecheck.letters.case_form import case_data, details_data
from guidecheck.letters.corrections import Corrections, apply_corrections
from guidecheck.letters.reading import LetterReader, NotReadable
from guidecheck.letters.sources import Source, find_sources
from guidecheck.library.loading import load_library
from guidecheck.library.models import Library
from guidecheck.reading.marked_yaml import from_data
from guidecheck.requests.item_building import what_follows
from guidecheck.requests.request_reader import check_request

CHUNK = 16


@dataclass(frozen=True, slots=True)
class Result:
    """A letter's case and details, or the reason why there is none."""

    name: str
    case: Mapping[str, Any] | None = None
    details: Mapping[str, Any] | None = None
    reason: str | None = None


class _Worker:
    """What one process reads letters with."""

    def __init__(self, folders: Sequence[Path], corrections: Corrections | None) -> None:
        self.library: Library = load_library(*folders)
        self.reader = LetterReader(self.library, folders)
        self.follow = what_follows(self.library.vocabulary)
        self.corrections = corrections or Corrections({})

    def read(self, source: Source) -> Result:
        """Return the result of one letter; whatever happens becomes a reason, never with the letter's words."""
        try:
            case = self.reader.read(source.read(), source.name, source.case_id)
            data = apply_corrections(case_data(case), self.corrections)
            check_request(from_data(data, source.name), self.library, self.follow)
            return Result(source.name, data, details_data(case))
        except NotReadable as reason:
            return Result(source.name, reason=str(reason))
        except GuidecheckError as error:
            said = "; ".join(finding.message for finding in error.findings[:3])
            return Result(source.name, reason=f"what was read contradicts itself: {said}")
        except RecursionError:
            return Result(source.name, reason="too deep to be read")
        except Exception as fault:  # a fault of ours must not cost the other letters
            return Result(source.name, reason=f"a fault of guidecheck's own: {type(fault).__name__}")


_worker: _Worker | None = None


def _start(folders: Sequence[Path], corrections: Corrections | None) -> None:
    global _worker  # a process pool has no other place for what its processes keep
    _worker = _Worker(folders, corrections)


def _read(source: Source) -> Result:
    assert _worker is not None
    return _worker.read(source)


def read_letters(
    inputs: Iterable[str | Path], folders: Sequence[Path], *, jobs: int = 1, corrections: Corrections | None = None
) -> Iterator[Result]:
    """Yield a result for every letter of the inputs, in order; a second letter of one case is refused."""
    seen: dict[str, str] = {}
    for result in _results(find_sources(inputs), folders, jobs, corrections):
        if result.case is None:
            yield result
            continue
        first = seen.setdefault(str(result.case["case_id"]), result.name)
        if first == result.name:
            yield result
        else:
            yield Result(result.name, reason=f"a second letter of case {result.case['case_id']} (first: {first})")


def _results(
    sources: Iterable[Source], folders: Sequence[Path], jobs: int, corrections: Corrections | None
) -> Iterator[Result]:
    if jobs <= 1:
        worker = _Worker(folders, corrections)
        yield from map(worker.read, sources)
        return
    # A mistake in the rules is told here, not in each of the processes.
    LetterReader(load_library(*folders), folders)
    context = multiprocessing.get_context("spawn")
    with context.Pool(jobs, _start, (list(folders), corrections)) as pool:
        yield from pool.imap(_read, sources, chunksize=CHUNK)

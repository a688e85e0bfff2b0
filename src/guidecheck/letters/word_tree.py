"""One regular expression for many words, which tries each first letter once instead of every word."""

from __future__ import annotations

import re
from collections.abc import Iterable

_Tree = dict[str, "_Tree"]
_END = ""


def any_word(words: Iterable[str], *, space: str = " ") -> str:
    """Return an expression for any of some words, of those with the same beginning the longest first.

    Args:
        words: the words; none makes an expression that nothing matches.
        space: the expression that stands for a space in them.
    """
    tree: _Tree = {}
    for word in words:
        branch = tree
        for sign in word:
            branch = branch.setdefault(sign, {})
        branch[_END] = {}
    return f"(?:{_alternatives(tree, space)})" if tree else "(?!)"


def _alternatives(tree: _Tree, space: str) -> str:
    return "|".join(_branch(sign, tree[sign], space) for sign in tree if sign != _END)


def _branch(sign: str, tree: _Tree, space: str) -> str:
    """Return the expression for a sign and all that may stand behind it."""
    written = []
    while len(tree) == 1 and _END not in tree:
        written.append(sign)
        ((sign, tree),) = tree.items()
    written.append(sign)
    said = "".join(space if sign == " " else re.escape(sign) for sign in written)
    behind = _alternatives(tree, space)
    if not behind:
        return said
    return f"{said}(?:{behind}){'?' if _END in tree else ''}"

"""The words of confidence; by themselves, since the command line names them before any rule is read."""

CONFIDENCES = ("confirmed", "known", "uncertain")
"""How sure the authors are of a criterion or a table's row, the surest first."""

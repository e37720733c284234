"""Codes of an outside system → ours: the way back of `engine.translation`."""

from collections.abc import Mapping

from functions.sync.engine.translation import CodeMissing


class OurCodes:
    """Our codes by kind. Where several of ours have one code there, the first by name counts.

    For the kinds in `same` their code is ours unless a row says otherwise.
    """

    def __init__(self, by_kind: Mapping[str, Mapping[str, str]], same: frozenset[str]) -> None:
        self._ours = {
            kind: {theirs: code for code, theirs in sorted(codes.items(), reverse=True)}
            for kind, codes in by_kind.items()
        }
        self._same = same

    def our_code(self, kind: str, theirs: str) -> str:
        """Our code. Raises `CodeMissing`."""
        ours = self._ours.get(kind, {}).get(theirs)
        if ours is not None:
            return ours
        if kind in self._same:
            return theirs
        raise CodeMissing(kind, theirs)

"""Requests that no operation answers: an unknown path with the nearest one, and a wrong method with the right ones.

`Elsewhere` gives the methods by path template of other concerns. The concern that answers for all unknown paths has it.
"""

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from functools import cached_property
from http import HTTPStatus
from itertools import takewhile
from urllib.parse import quote

from werkzeug.routing import Map, MapAdapter, Rule

from shared.spine.errors import DumbwaiterError, Rejected, Unavailable

Elsewhere = Callable[[], Mapping[str, Collection[str]]]
# Longer paths are no typing errors, and a comparison takes time.
LONGEST_COMPARED = 200
# The share of equal characters from which a path counts as a typing error of another one.
LIKE = 0.6
# Seconds.
RETRY_AFTER = 5


class NoRoute(Exception):
    """No operation has the path, or the path lacks the method: the problem and its headers."""

    def __init__(self, problem: DumbwaiterError, headers: dict[str, str]) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.headers = headers


class UnknownRoutes:
    """Makes the problems of requests that `own` rules do not match."""

    def __init__(self, own: Mapping[str, Collection[str]], elsewhere: Elsewhere) -> None:
        self._own = own
        self._elsewhere = elsewhere

    @cached_property
    def _known(self) -> dict[str, Collection[str]]:
        return {**self._elsewhere(), **self._own}

    @cached_property
    def _routes(self) -> MapAdapter:
        return _bound(self._known)

    def refusal(self, path: str, method: str) -> NoRoute:
        """The error for a path that no operation has, or a method that the path lacks."""
        routes = self._routes
        if routes.test(path, method):
            # A deploy replaces the route of another concern.
            detail = "no function answers for this path at this moment"
            return NoRoute(Unavailable("route_missing", detail, retry_after=RETRY_AFTER), {})
        if allowed := ", ".join(sorted(routes.allowed_methods(path))):
            detail = f"this path has {allowed} alone"
            problem = Rejected("method_not_allowed", detail, status=HTTPStatus.METHOD_NOT_ALLOWED)
            return NoRoute(problem, {"Allow": allowed})
        if method == "GET" and path.endswith("/") and self._is_page(path[:-1]):
            # Relative, because a gateway may serve the pages below a folder.
            location = "../" + quote(path[:-1].rpartition("/")[2])
            detail = "the address of the page has no slash at its end"
            problem = Rejected("ends_in_slash", detail, status=HTTPStatus.PERMANENT_REDIRECT)
            return NoRoute(problem, {"Location": location})
        nearest = nearest_path(path, self._known)
        detail = f"there is no such path; the nearest is {nearest}" if nearest else "there is no such path"
        extensions = {"nearest": nearest} if nearest else None
        return NoRoute(Rejected("no_such_route", detail, status=HTTPStatus.NOT_FOUND, extensions=extensions), {})

    def _is_page(self, path: str) -> bool:
        """Whether a person may open the path in a browser. An API call would lose its signature on the way."""
        return not path.startswith("/v1/") and self._routes.test(path, "GET")


def nearest_path(path: str, known: Collection[str]) -> str | None:
    """The template among `known` that the path most likely means, or None."""
    if len(path) > LONGEST_COMPARED:
        return None
    filled = {_filled(template, path): template for template in known}
    matches = get_close_matches(path, filled, n=5, cutoff=LIKE)
    # Of paths that are about as like, one that begins with the same steps.
    return filled[max(matches, key=lambda match: _equal_steps(match, path))] if matches else None


def _equal_steps(match: str, path: str) -> int:
    """How many steps both begin with."""
    pairs = zip(match.split("/"), path.split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _filled(template: str, path: str) -> str:
    """The template with the values that the path has in the places of its parameters."""
    steps, values = template.split("/"), path.split("/")
    if len(steps) == len(values):
        steps = [value if value and step.startswith("{") else step for step, value in zip(steps, values, strict=True)]
    return "/".join(steps)


def _bound(known: Mapping[str, Collection[str]]) -> MapAdapter:
    rules = [
        Rule(template.replace("{", "<").replace("}", ">"), methods=list(methods), endpoint=template)
        for template, methods in known.items()
    ]
    return Map(rules, merge_slashes=False).bind("")

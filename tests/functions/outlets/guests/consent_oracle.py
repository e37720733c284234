"""An oracle of consents: it keeps the log of events and reads the whole log again for each question."""

from dataclasses import dataclass, field

Entry = tuple[str, str, int]  # kind, id, second


@dataclass
class Oracle:
    """The log of one guest and template. `pushes` have the accept that they took, the second and the result."""

    log: list[Entry] = field(default_factory=list)
    pushes: dict[str, list[object]] = field(default_factory=dict)

    def refused_second(self) -> int:
        """The last second at which all rights ended."""
        return max((second for kind, _, second in self.log if kind == "refuse"), default=-1)

    def free(self) -> list[tuple[int, str]]:
        """Accepts after the last refusal that no push holds."""
        held = {push[0] for push in self.pushes.values() if push[2] in ("open", "shown", "no_right")}
        accepts = {(second, name) for kind, name, second in self.log if kind == "accept"}
        return sorted(entry for entry in accepts if entry[0] > self.refused_second() and entry[1] not in held)

    def take(self, push: str, second: int) -> bool:
        """Whether the push may go out."""
        if push in self.pushes:
            return self.pushes[push][2] == "open"
        free = self.free()
        if free:
            self.pushes[push] = [free[0][1], second, "open"]
        return bool(free)

    def settle(self, push: str, result: str, second: int) -> None:
        """The outcome of a push; the first one alone counts, and an unknown one is none."""
        if push not in self.pushes or self.pushes[push][2] != "open" or result == "unknown":
            return
        self.pushes[push][2] = result
        if result == "no_right":
            self.log.append(("refuse", push, second))

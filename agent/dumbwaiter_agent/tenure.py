"""Whether an agent may hold its printers' connections; most printers have only one to give. Pure. Steady seconds."""

from dataclasses import dataclass


@dataclass
class Tenure:
    """`confirm`: the store has several agents. `refused`: the relay wants this one no more, or on another machine;
    `moved`: it may be on another machine than last time, and the relay has not said what it thinks of that.

    `off_line_at`: when the relay counts it as off line, should it hear no more of it.
    """

    standby: bool = True
    confirm: bool = False
    refused: bool = False
    moved: bool = False
    connected: bool = False
    off_line_at: float = 0.0

    def holds(self, now: float) -> bool:
        """A lone agent holds on while it is cut off. One of several begins nothing then, and leaves them to another."""
        if self.refused or self.moved or self.standby:
            return False
        return not self.confirm or self.connected or now < self.off_line_at

    def release_reason(self) -> str:
        """Why the agent does not hold its printers, as a phrase for a person."""
        if self.refused or self.moved:
            return "the relay does not want this agent, or not on this machine"
        return "another agent prints" if self.standby else "no relay, and the store has another agent"

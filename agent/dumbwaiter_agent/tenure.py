"""Whether an agent may hold its printers' connections; most printers have only one to give. Pure. Steady seconds."""

from dataclasses import dataclass


@dataclass
class Tenure:
    """`confirm`: the store has several agents. `refused`: the relay refuses this agent, or this machine.

    `machine_changed`: the agent may be on another machine than last time, and the relay has not decided yet.

    `off_line_at`: the time from which a silent agent counts as off line.
    """

    standby: bool = True
    confirm: bool = False
    refused: bool = False
    machine_changed: bool = False
    connected: bool = False
    off_line_at: float = 0.0

    def holds(self, now: float) -> bool:
        """A lone agent holds on while it is cut off. One of several begins nothing then, and leaves them to another."""
        if self.refused or self.machine_changed or self.standby:
            return False
        return not self.confirm or self.connected or now < self.off_line_at

    def release_reason(self) -> str:
        """Why the agent does not hold its printers, as a phrase for a person."""
        if self.refused or self.machine_changed:
            return "the relay does not want this agent, or not on this machine"
        return "another agent prints" if self.standby else "no relay, and the store has another agent"

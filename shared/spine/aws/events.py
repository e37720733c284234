"""EventBridge: the rules that start timers."""

from collections.abc import Iterator
from typing import Any

from shared.spine.aws.calls import SignedCalls


class Events(SignedCalls):
    """Reads and changes rules."""

    def rules(self, prefix: str) -> Iterator[dict[str, Any]]:
        """The rules whose names begin with `prefix`: Name, State, ScheduleExpression, Description. A call a hundred."""
        token: str | None = None
        while True:
            question = {"NamePrefix": prefix} | ({"NextToken": token} if token else {})
            page = self.call("events", "AWSEvents.ListRules", question, "1.1")
            yield from page["Rules"]
            token = page.get("NextToken")
            if not token:
                return

    def put_rule(self, name: str, schedule: str, description: str, *, enabled: bool) -> None:
        """Change a rule. Its targets stay."""
        rule = {
            "Name": name,
            "ScheduleExpression": schedule,
            "Description": description,
            "State": "ENABLED" if enabled else "DISABLED",
        }
        self.call("events", "AWSEvents.PutRule", rule, "1.1")

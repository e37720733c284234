"""CloudWatch Logs: the lines of a run."""

from datetime import datetime, timedelta

from shared.spine.aws.calls import SignedCalls

# CloudWatch can show a line some seconds after it was written, and with a time of its own.
MARGIN = timedelta(seconds=10)


class Logs(SignedCalls):
    """Reads lines."""

    def lines(self, group: str, text: str, since: datetime, until: datetime, most: int) -> list[str]:
        """At most `most` lines of a log group that hold `text`, the oldest first.

        Raises `Unavailable`, and `Misconfigured` where there is no such group.
        """
        question = {
            "logGroupName": group,
            "filterPattern": f'"{text}"',
            "startTime": round((since - MARGIN).timestamp() * 1000),
            "endTime": round((until + MARGIN).timestamp() * 1000),
            "limit": most,
        }
        page = self.call("logs", "Logs_20140328.FilterLogEvents", question, "1.1")
        return [event["message"] for event in page.get("events", ())]

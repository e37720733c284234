"""SNS."""

from collections.abc import Sequence
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from shared.spine.aws.calls import SignedCalls


class Sns(SignedCalls):
    """Publishes messages."""

    def publish(self, topic: str, entries: Sequence[tuple[str, str, str]]) -> set[str]:
        """Publish at most ten (id, type, body) to a topic. Returns the ids that the topic took.

        Raises `Unavailable` when the topic did not answer; then it may or may not have taken them.
        """
        form: list[tuple[str, str]] = [("Action", "PublishBatch"), ("Version", "2010-03-31"), ("TopicArn", topic)]
        for number, (entry_id, message_type, body) in enumerate(entries, start=1):
            entry = f"PublishBatchRequestEntries.member.{number}"
            attribute = f"{entry}.MessageAttributes.entry.1"
            form += [(f"{entry}.Id", entry_id), (f"{entry}.Message", body), (f"{attribute}.Name", "type")]
            form += [(f"{attribute}.Value.DataType", "String"), (f"{attribute}.Value.StringValue", message_type)]
        headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        answer = ET.fromstring(self._post("sns", headers, urlencode(form).encode()))  # noqa: S314 - AWS wrote it
        return {element.text or "" for element in answer.iterfind(".//{*}Successful/{*}member/{*}Id")}

"""The state of a stage, as SQS, EventBridge and CloudWatch have it. Calls of each minute cost next to nothing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from functions.outbox.watch.lateness import own_names
from shared.spine.aws import Aws

WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
OLDEST_TAG = "oldest-seconds"
OLDEST_SECONDS = 60.0
AGE = {"Namespace": "AWS/SQS", "MetricName": "ApproximateAgeOfOldestMessage"}
THROTTLES = {"Namespace": "AWS/Lambda", "MetricName": "Throttles"}
MINUTE = 60
# CloudWatch gets the metrics of a queue some minutes late.
AGE_MINUTES = 10
THROTTLE_MINUTES = 5
QUERIES_AT_ONCE = 500


class StageReader:
    """`prefix` begins the names of all queues, rules and functions of the stage."""

    def __init__(self, aws: Aws, prefix: str) -> None:
        self._aws, self._prefix = aws, prefix

    def filled_queues(self) -> dict[str, str]:
        """Addresses by name of the consumers' queues that hold a message. An empty queue has no age."""
        pages = self._pages("sqs", "AmazonSQS.ListQueues", {"QueueNamePrefix": self._prefix, "MaxResults": 1000}, "1.0")
        urls = {url.rpartition("/")[2]: url for page in pages for url in page.get("QueueUrls", ())}
        return {name: urls[name] for name in own_names(urls, self._prefix) if self._holds_messages(urls[name])}

    def _holds_messages(self, url: str) -> bool:
        question = {"QueueUrl": url, "AttributeNames": WAITING}
        attributes = self._aws.call("sqs", "AmazonSQS.GetQueueAttributes", question, "1.0")["Attributes"]
        return any(int(attributes[name]) for name in WAITING)

    def oldest_limit(self, url: str) -> float:
        """Seconds that a message of the queue may wait."""
        tags = self._aws.call("sqs", "AmazonSQS.ListQueueTags", {"QueueUrl": url}, "1.0").get("Tags", {})
        return float(tags.get(OLDEST_TAG, OLDEST_SECONDS))

    def ages(self, names: Sequence[str], now: datetime) -> dict[str, float]:
        """Seconds that the oldest message of each queue has waited, where CloudWatch has it."""
        metrics = {name: {**AGE, "Dimensions": [{"Name": "QueueName", "Value": name}]} for name in names}
        values = self._metrics(metrics, "Maximum", now, AGE_MINUTES)
        return {name: minutes[-1] for name, minutes in values.items() if minutes}

    def schedules(self) -> dict[str, str]:
        """The rate(…) or cron(…) of each timer, by the name of its function."""
        rules = {rule["Name"]: rule.get("ScheduleExpression", "") for rule in self._aws.rules(self._prefix)}
        return {name: rules[name] for name in own_names(rules, self._prefix) if rules[name]}

    def throttles(self, now: datetime) -> dict[str, list[float]]:
        """Throttles by minute, of each function; nothing is asked about single functions while there is none at all."""
        account = self._metrics({"": THROTTLES}, "Sum", now, THROTTLE_MINUTES)
        if not any(account[""]):
            return {}
        pages = self._pages("monitoring", "GraniteServiceVersion20100801.ListMetrics", dict(THROTTLES), "1.0")
        dimensions = [metric.get("Dimensions", ()) for page in pages for metric in page.get("Metrics", ())]
        functions = {of[0]["Value"] for of in dimensions if [each["Name"] for each in of] == ["FunctionName"]}
        metrics = {
            name: {**THROTTLES, "Dimensions": [{"Name": "FunctionName", "Value": name}]}
            for name in own_names(functions, self._prefix)
        }
        return self._metrics(metrics, "Sum", now, THROTTLE_MINUTES)

    def _metrics(
        self, metrics: Mapping[str, Mapping[str, Any]], statistic: str, now: datetime, minutes: int
    ) -> dict[str, list[float]]:
        """Values by minute of each metric, the newest last."""
        names, values = list(metrics), {name: list[float]() for name in metrics}
        for start in range(0, len(names), QUERIES_AT_ONCE):
            queries = [
                {
                    "Id": f"m{number}",
                    "MetricStat": {"Metric": metrics[names[number]], "Period": MINUTE, "Stat": statistic},
                }
                for number in range(start, min(start + QUERIES_AT_ONCE, len(names)))
            ]
            # The end is not part of the span.
            span = {
                "StartTime": (now - timedelta(minutes=minutes)).timestamp(),
                "EndTime": (now + timedelta(minutes=1)).timestamp(),
            }
            question = {"MetricDataQueries": queries, "ScanBy": "TimestampAscending", **span}
            for page in self._pages("monitoring", "GraniteServiceVersion20100801.GetMetricData", question, "1.0"):
                for result in page["MetricDataResults"]:
                    values[names[int(result["Id"][1:])]] += result["Values"]
        return values

    def _pages(self, service: str, target: str, question: dict[str, Any], version: str) -> Iterable[dict[str, Any]]:
        token: str | None = None
        while True:
            page = self._aws.call(service, target, question | ({"NextToken": token} if token else {}), version)
            yield page
            token = page.get("NextToken")
            if not token:
                return

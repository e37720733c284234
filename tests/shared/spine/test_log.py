"""Lines and metrics, as CloudWatch reads them."""

import io
import json

import pytest
from aws_lambda_powertools.metrics import MetricUnit

from shared.spine import log
from shared.spine.env import Environment


@pytest.fixture
def lines(env: Environment, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What goes to the log."""
    del env
    written = io.StringIO()
    monkeypatch.setattr(log.logger().registered_handler, "stream", written)
    return written


def test_a_line_carries_the_ids_that_are_known_so_far(lines: io.StringIO) -> None:
    log.forget()
    log.note(order="o1", store=None)
    log.note(store="s1")
    log.logger().info("kept", extra={"n": 1})
    line = json.loads(lines.getvalue())
    assert (line["message"], line["order"], line["store"], line["n"]) == ("kept", "o1", "s1", 1)
    assert line["timestamp"].endswith("+00:00")
    assert log.request_id() is None


def test_every_id_is_forgotten(lines: io.StringIO) -> None:
    log.note(**dict.fromkeys(log.IDS, "x"))
    log.forget()
    log.logger().info("after")
    assert not set(log.IDS) & set(json.loads(lines.getvalue()))


def test_a_bug_is_where_it_happened_and_not_what_it_said(lines: io.StringIO) -> None:
    def deep(text: str) -> None:
        raise ValueError(text)

    try:
        deep("INSERT INTO guests VALUES ('Ana')")
    except ValueError as failure:
        log.bug(failure, "it failed")
    line = json.loads(lines.getvalue())
    assert (line["level"], line["message"], line["bug"]) == ("ERROR", "it failed", "ValueError")
    assert [at.split(" ")[1] for at in line["at"]] == ["test_a_bug_is_where_it_happened_and_not_what_it_said", "deep"]
    assert "Ana" not in lines.getvalue()


def test_a_measure_is_an_embedded_metric(env: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    del env
    log.measure("OldestUnsentSeconds", 12.5, MetricUnit.Seconds)
    line = json.loads(capsys.readouterr().out)
    (declared,) = line["_aws"]["CloudWatchMetrics"]
    assert declared["Namespace"] == "Dumbwaiter"
    assert [(m["Name"], m["Unit"]) for m in declared["Metrics"]] == [("OldestUnsentSeconds", "Seconds")]
    assert (line["OldestUnsentSeconds"], line["service"]) == ([12.5], "test")

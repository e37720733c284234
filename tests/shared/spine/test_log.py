"""Lines and metrics, as CloudWatch reads them."""

import io
import json
from pathlib import Path

import pytest
from aws_lambda_powertools.metrics import MetricUnit

from shared.spine import log
from shared.spine.env import Environment


@pytest.fixture
def lines(env: Environment, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What goes to the log."""
    del env
    written = io.StringIO()
    monkeypatch.setattr(log.logger(), "stream", written)
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


def test_a_line_names_its_level_its_place_its_service_and_its_trace(
    lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
    for write in (log.logger().info, log.logger().warning, log.logger().error):
        write("it", extra={"path": Path("/x"), "text": '東 "\n'})
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["level"] for line in found] == ["INFO", "WARNING", "ERROR"]
    place = "test_a_line_names_its_level_its_place_its_service_and_its_trace"
    assert {line["location"].partition(":")[0] for line in found} == {place}
    assert {(line["service"], line["xray_trace_id"]) for line in found} == {
        ("test", "1-5759e988-bd862e3fe1be46a994272793")
    }
    assert {(line["path"], line["text"]) for line in found} == {("/x", '東 "\n')}


@pytest.mark.parametrize(("level", "written"), [("DEBUG", 3), ("INFO", 3), ("WARNING", 2), ("error", 1), ("odd", 3)])
def test_lines_below_the_least_level_are_left_out(monkeypatch: pytest.MonkeyPatch, level: str, written: int) -> None:
    monkeypatch.setenv("LOG_LEVEL", level)
    logger = log.Logger()
    logger.stream = stream = io.StringIO()
    for write in (logger.info, logger.warning, logger.error):
        write("it")
    assert len(stream.getvalue().splitlines()) == written


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

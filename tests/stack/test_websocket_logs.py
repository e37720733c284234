"""The emulator logs the runs of a WebSocket API's functions, as Lambda does."""

import io
import time
import zipfile
from pathlib import Path

from websockets.sync.client import connect

from stack.emulator import Emulator

CODE = 'def handler(event, context):\n    print("frame", event["body"])\n    return {"statusCode": 200}\n'
ARN = "arn:aws:lambda:us-east-1:000000000000:function:frames"
INTEGRATION = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{ARN}/invocations"


def test_a_frame_s_run_is_logged_with_its_lines_and_its_duration(tmp_path: Path) -> None:
    with Emulator(tmp_path) as emulator:
        _create_function(emulator)
        address = _create_api(emulator)
        with connect(address) as connection:
            connection.send("hello")
            lines = _read_lines(emulator)
    words = [line.split()[0] for line in lines]
    assert "frame hello" in lines
    assert words.count("REPORT") == words.count("frame")


def _create_function(emulator: Emulator) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("frames.py", CODE)
    emulator.client("lambda").create_function(
        FunctionName="frames",
        Runtime="python3.12",
        Role="arn:aws:iam::000000000000:role/frames",
        Handler="frames.handler",
        Code={"ZipFile": archive.getvalue()},
    )


def _create_api(emulator: Emulator) -> str:
    gateway = emulator.client("apigatewayv2")
    api = gateway.create_api(Name="frames", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.type")
    integration = gateway.create_integration(
        ApiId=api["ApiId"], IntegrationType="AWS_PROXY", IntegrationUri=INTEGRATION
    )
    target = f"integrations/{integration['IntegrationId']}"
    gateway.create_route(ApiId=api["ApiId"], RouteKey="$default", Target=target)
    gateway.create_stage(ApiId=api["ApiId"], StageName="test")
    return f"ws://127.0.0.1:{emulator.port}/_aws/execute-api/{api['ApiId']}/test"


def _read_lines(emulator: Emulator) -> list[str]:
    logs, lines = emulator.client("logs"), list[str]()
    until = time.monotonic() + 60
    while "frame hello" not in lines and time.monotonic() < until:
        groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
        events = [event for group in groups for event in logs.filter_log_events(logGroupName=group)["events"]]
        lines = [line for event in events for line in event["message"].splitlines()]
        time.sleep(0.1)
    return lines

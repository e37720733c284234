"""From the one stack of before to a stack for each concern, with orders on their way: nothing is lost."""

import json
import os
import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, Self

import pytest
import yaml

from demo import seed
from demo.run import open_stores
from ops.account import Account
from ops.migrate import migrate
from ops.upgrade import Upgrade
from stack.addresses import Place
from stack.cloudformation import Stacks
from stack.concerns import find_concerns, read_concern, read_functions
from stack.deploy import compile_stacks
from stack.keys import keys
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.support.orders import an_order, paid
from tests.support.paths import ROOT
from tests.support.waiting import wait_until

TEMPLATE = json.loads((Path(__file__).parent / "data/single_stack.json").read_text())
# What the concerns need of each other; the others are upgraded in the same way.
LEFT_OUT = {"printing"}
PREFIX = "dumbwaiter-local"
TAKEN = "SELECT entry FROM takings WHERE entry LIKE 'paid/%'"


class Before:
    """A stage with the one stack of before, which runs the handlers of today."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.emulator = stack, stack.emulator
        self.sqs, self.s3 = self.emulator.client("sqs"), self.emulator.client("s3")
        self.cloudformation = self.emulator.client("cloudformation")
        migrate(stack.db.owner.url)
        self.keys = seed.demo_clients(stack.db.owner.url, keys(stack.root).keyring)
        stack._put_secrets(self.emulator)
        compile_stacks(ROOT, stack.root)

    def create(self) -> None:
        bucket = "ServerlessDeploymentBucket"
        self._put("create_stack", {"Resources": {bucket: TEMPLATE["Resources"][bucket]}})
        template = deepcopy(TEMPLATE)
        _move_stores(template["Resources"])
        for key, function in self._functions(template).items():
            self._give_code(key, function["Properties"], self.physical("ServerlessDeploymentBucket"))
        self._put("update_stack", template)

    def _functions(self, template: dict[str, Any]) -> dict[str, dict[str, Any]]:
        resources = template["Resources"].values()
        functions = [found for found in resources if found["Type"] == "AWS::Lambda::Function"]
        return {found["Properties"]["FunctionName"].removeprefix(f"{PREFIX}-"): found for found in functions}

    def _give_code(self, key: str, properties: dict[str, Any], bucket: str) -> None:
        """The handler as it is today, out of the concern's zip as it is compiled today."""
        properties["Handler"] = read_functions()[key]["handler"]
        compiled = ROOT / ".local/compiled/local"
        today = json.loads((compiled / f"{key.partition('_')[0]}.json").read_text())["Resources"].values()
        [code] = [
            found["Properties"]["Code"]["S3Key"].rpartition("/")[2]
            for found in today
            if found.get("Properties", {}).get("FunctionName") == f"{PREFIX}-{key}"
        ]
        self.s3.put_object(Bucket=bucket, Key=code, Body=(compiled / "zips" / code).read_bytes())
        properties["Code"] = {"S3Bucket": bucket, "S3Key": code}

    def _put(self, call: str, template: dict[str, Any]) -> None:
        getattr(self.cloudformation, call)(
            StackName=PREFIX, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        Stacks(self.emulator)._wait("spine")

    def physical(self, logical: str, stack: str = PREFIX) -> str:
        detail = self.cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId=logical)
        return str(detail["StackResourceDetail"]["PhysicalResourceId"])

    @property
    def http(self) -> str:
        return f"{self.emulator.endpoint}/_aws/execute-api/dumbwaiter"

    def caller(self) -> Caller:
        return Caller(self.http, self.keys["head_office"])

    def taken(self) -> set[str]:
        with self.stack.db.owner.connect() as connection, connection.cursor() as cursor:
            cursor.execute(TAKEN)
            return {entry.removeprefix("paid/") for (entry,) in cursor.fetchall()}


def _move_stores(resources: dict[str, Any]) -> None:
    """The handler of orders served stores, too. Today there are two, so the routes of stores get one here."""
    logical, name = ("OrdersUnderscoreapi", "StoresUnderscoreapi"), ("orders_api", "stores_api")
    for key in [key for key in resources if logical[0] in key]:
        copy = json.dumps(resources[key]).replace(*logical).replace(*name)
        resources[key.replace(*logical)] = json.loads(copy)
    for key in [key for key in resources if key.startswith("HttpApiRouteAnyV1Stores")]:
        resources[key] = json.loads(json.dumps(resources[key]).replace(*logical))


@pytest.fixture
def before(tmp_path: Path) -> Iterator[Before]:
    stack = Stack(tmp_path / "root", durable=False)
    stack.root.mkdir(parents=True)
    try:
        stack.db.start()
        stack.emulator.start()
        found = Before(stack)
        found.create()
        yield found
    finally:
        stack.down()


class Till:
    """Posts paid orders all the time, and again until it has an answer: what it does while its API is away."""

    def __init__(self, call: Caller, store: str) -> None:
        self._call, self._store = call, store
        self._stop, self._thread = threading.Event(), threading.Thread(target=self._sell)
        self.answered: list[str] = []
        self._has_failed = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, failure: object, *_: object) -> None:
        # After a failed upgrade the API never answers again.
        self._has_failed = failure is not None
        self._stop.set()
        self._thread.join()
        self._call.http.close()

    def _sell(self) -> None:
        while not self._stop.is_set():
            if order := self.sell():
                self.answered.append(order)
            time.sleep(0.1)

    def sell(self) -> str:
        """The id of an order that was answered with 201; "" after a failed upgrade."""
        body, key = an_order(self._store, payments=paid(1325)), str(uuid.uuid4())
        while not self._has_failed:
            reply = self._call("POST", "/v1/orders", body, key=key)
            if reply.status_code == 201:
                return str(reply.json()["id"])
            assert reply.status_code in (404, 429, 500, 502, 503), reply.text
            time.sleep(0.2)
        return ""


def deploy(tree: Path, before: Before) -> None:
    """`make deploy` without the layers, which a stage of the emulator has not."""
    command = ["node", "wiring/deploy.js", "deploy", "local", f"--tree={tree}"]
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **before.emulator.environment}
    environment["SLS_AWS_MONITORING_FREQUENCY"] = "100"
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def has_taken(before: Before, payments: Iterable[str]) -> bool:
    """Whether the console has all of these payments. Unsent messages are sent again before the answer."""
    before.stack.wake_sweeper()
    return set(payments) <= before.taken()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The tree of today, without the concerns that have nothing in the one stack."""
    tree = tmp_path / "tree"
    for name in ("functions", "shared", "web"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("serverless.yml", "spine.yml"):
        shutil.copy(ROOT / name, tree)
    (tree / "node_modules").symlink_to(ROOT / "node_modules")  # the pages are built of them
    for concern in LEFT_OUT & set(find_concerns()):
        shutil.rmtree(tree / "functions" / concern)
    _forget_what_nobody_announces(tree)
    return tree


def _forget_what_nobody_announces(tree: Path) -> None:
    """Consumers that stayed wait no more for messages of concerns that were left out."""
    entries = read_functions(tree).values()
    announced = {kind for entry in entries for kind in entry.get("announces") or ()}
    for concern in find_concerns(tree):
        document = read_concern(concern, tree)
        for entry in (document.get("functions") or {}).values():
            for event in entry["events"]:
                if types := event.get("message", {}).get("types"):
                    event["message"]["types"] = [kind for kind in types if kind in announced]
        (tree / "functions" / concern / "functions.yml").write_text(yaml.safe_dump(document), encoding="utf-8")


def test_upgrade_with_orders_on_their_way_loses_nothing(before: Before, tree: Path) -> None:
    place = Place(before.http, None, "", before.emulator.endpoint, {}, before.keys)
    [store, *_] = open_stores(place)
    mappings = before.emulator.client("lambda")
    consumer = f"{PREFIX}-console_on_order_paid"
    [mapping] = mappings.list_event_source_mappings(FunctionName=consumer)["EventSourceMappings"]
    mappings.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    till = Till(before.caller(), store)
    waiting = [till.sell() for _ in range(5)]  # their messages are in the old queue, and go with it
    queue = before.sqs.get_queue_url(QueueName=consumer)["QueueUrl"]
    before.sqs.send_message(QueueUrl=f"{queue}-dead", MessageBody='{"id": "letter"}')
    models = before.physical("ModelsBucket")
    before.s3.put_object(Bucket=models, Key="set-1", Body=b"a model set")
    exports = before.physical("ExportsBucket")
    before.s3.put_object(Bucket=exports, Key="file-1", Body=b"a file")

    account = Account("local", before.emulator.client, before.emulator.endpoint)
    said: list[str] = []
    with till:
        Upgrade(account, before.stack.db.owner, lambda: deploy(tree, before)).run(said.append)
        wait_until(lambda: has_taken(before, waiting), before.emulator.running, pause=1)
    wait_until(lambda: has_taken(before, [*waiting, *till.answered]), before.emulator.running, pause=1)
    assert {*waiting, *till.answered} - before.taken() == set()
    assert len(till.answered) > 5
    assert any(line.startswith("Sent again: ") for line in said)

    [letter] = before.sqs.receive_message(
        QueueUrl=before.sqs.get_queue_url(QueueName=f"{PREFIX}-console-dead")["QueueUrl"], MessageAttributeNames=["All"]
    )["Messages"]
    assert letter["Body"] == '{"id": "letter"}'
    assert letter["MessageAttributes"]["consumer"]["StringValue"] == consumer
    assert before.s3.get_object(Bucket=models, Key="set-1")["Body"].read() == b"a model set"
    new_models = before.physical("ModelsBucket", f"{PREFIX}-forecast")
    assert before.s3.get_object(Bucket=new_models, Key="set-1")["Body"].read() == b"a model set"
    new_exports = before.physical("ExportsBucket", f"{PREFIX}-members")
    assert before.s3.get_object(Bucket=new_exports, Key="file-1")["Body"].read() == b"a file"
    groups = before.emulator.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{PREFIX}-orders_api")
    assert len(groups["logGroups"]) == 1
    names = {url.rpartition("/")[2] for url in before.sqs.list_queues()["QueueUrls"]}
    assert not {name for name in names if name.endswith("-dead") and "_" in name}

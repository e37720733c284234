"""What wiring/ takes and refuses, and how the stack on one machine differs from the one in the cloud."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.compiled import IN_A_VPC, ROOT, Compiled, RefusedError, compile_stage, copy_tree


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copy_tree(tmp_path)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return compile_stage(copy_tree(tmp_path_factory.mktemp("local")), "local", **IN_A_VPC)


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("rights: [database]", "rights: [databse]", "functions.outbox_send_due_messages.rights"),
        ("message: {types: [order.paid]}", "message: {type: order.paid}", "functions.console_on_order_paid.events"),
        ("- schedule: rate(1 minute)", "- alarm: x", "functions.outbox_send_due_messages.events"),
        ("- httpApi: GET /console\n", "- schedule: rate(1 day)\n", "needs one kind of trigger, not timer and http"),
        ("reservedConcurrency: 40", "reservedConcurrency: 200", "reaches maxConnections (200)"),
    ],
)
def test_mistake_in_an_entry_is_refused(tree: Path, right: str, wrong: str, says: str) -> None:
    wiring = tree / "serverless.yml"
    text = wiring.read_text(encoding="utf-8")
    assert right in text
    wiring.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(RefusedError) as refused:
        compile_stage(tree)
    assert says in str(refused.value)


def test_handler_without_a_docstring_is_refused(tree: Path) -> None:
    (tree / "functions/console/api.py").write_text("handler = None\n", encoding="utf-8")
    with pytest.raises(RefusedError, match="must open with a docstring"):
        compile_stage(tree)


def test_deploy_of_one_concern_leaves_the_others_code_alone(tree: Path) -> None:
    before = _code(compile_stage(tree))
    (tree / "functions/console/more.py").write_text("", encoding="utf-8")
    after = _code(compile_stage(tree))
    assert {name.partition("_")[0] for name in before if before[name] != after[name]} == {"dumbwaiter-prod-console"}


def test_caches_stay_out_of_zips(tree: Path) -> None:
    cache = tree / "functions/console/__pycache__"
    cache.mkdir()
    (cache / "api.cpython-311.pyc").touch()
    assert not [name for names in compile_stage(tree).zips.values() for name in names if "__pycache__" in name]


def test_new_consumer_needs_one_entry(tree: Path) -> None:
    (tree / "functions/outbox/on_order_placed.py").write_text('"""order.placed → nothing"""\n', encoding="utf-8")
    text = (tree / "serverless.yml").read_text(encoding="utf-8")
    entry = """
  outbox_on_order_placed:
    handler: functions/outbox/on_order_placed.handler
    rights: [database]
    events:
      - message: {types: [order.placed]}

resources:
"""
    (tree / "serverless.yml").write_text(text.replace("\nresources:\n", entry), encoding="utf-8")
    resources = compile_stage(tree).template["Resources"]
    kinds = sorted(each["Type"].removeprefix("AWS::") for key, each in resources.items() if "OutboxUnderscoreon" in key)
    assert kinds == [
        *["CloudWatch::Alarm"] * 4,
        "IAM::Role",
        "Lambda::EventSourceMapping",
        "Lambda::Function",
        "Logs::LogGroup",
        "SNS::Subscription",
        *["SQS::Queue"] * 2,
    ]


def test_local_stack_is_the_cloud_s_but_for_layers_snapstart_and_the_vpc(local: Compiled, tree: Path) -> None:
    prod = compile_stage(tree, **IN_A_VPC)
    only_prod = {prod.template["Resources"][key]["Type"] for key in _ids(prod) - _ids(local)}
    assert only_prod == {
        "AWS::ApiGatewayV2::Deployment",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Version",
        "AWS::Lambda::Alias",
    }
    assert _ids(local) <= _ids(prod)
    for function in local.of_type("Lambda::Function").values():
        assert {"Layers", "VpcConfig", "SnapStart"}.isdisjoint(function)


def test_http_functions_start_from_a_snapshot_in_the_cloud(tree: Path) -> None:
    functions = compile_stage(tree).of_type("Lambda::Function").values()
    assert {each["FunctionName"] for each in functions if "SnapStart" in each} == {
        "dumbwaiter-prod-orders_api",
        "dumbwaiter-prod-console_api",
        "dumbwaiter-prod-members_api",
        "dumbwaiter-prod-printing_api",
        "dumbwaiter-prod-forecast_api",
    }
    functions = compile_stage(tree, snapStart="false").of_type("Lambda::Function").values()
    assert not [each for each in functions if "SnapStart" in each]


def test_local_address_stays_the_same(local: Compiled) -> None:
    apis = local.of_type("ApiGatewayV2::Api")
    ids = {key: api["Tags"]["ms-custom-id"] for key, api in apis.items()}
    assert ids == {"HttpApi": "dumbwaiter", "WebsocketsApi": "dumbwaiter-print"}


def test_local_websocket_stage_deploys_by_itself() -> None:
    template = {
        "Resources": {
            "HttpApi": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {}},
            "WebsocketsDeployment1": {"Type": "AWS::ApiGatewayV2::Deployment", "Properties": {}},
            "Stage": {
                "Type": "AWS::ApiGatewayV2::Stage",
                "Properties": {"DeploymentId": {"Ref": "WebsocketsDeployment1"}},
            },
        }
    }
    script = """
const template = JSON.parse(process.argv[1]);
require('./wiring/local').finishLocal(template);
console.log(JSON.stringify(template.Resources));
"""
    command = ["node", "-e", script, json.dumps(template)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    resources = json.loads(done.stdout)
    assert "WebsocketsDeployment1" not in resources
    assert resources["Stage"]["Properties"] == {"AutoDeploy": True}


def _code(compiled: Compiled) -> dict[str, str]:
    functions = compiled.of_type("Lambda::Function").values()
    return {function["FunctionName"]: function["Code"]["S3Key"] for function in functions}


def _ids(compiled: Compiled) -> set[str]:
    return set(compiled.template["Resources"])

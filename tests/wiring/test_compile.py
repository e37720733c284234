"""What wiring/ takes and refuses, and how the stacks on one machine differ from those in the cloud."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.compiled import IN_A_VPC, ROOT, SPINE, Compiled, RefusedError, compile_stage, copy_tree


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copy_tree(tmp_path)


@pytest.fixture(scope="module")
def local() -> Compiled:
    return compile_stage(ROOT, "local", **IN_A_VPC)


@pytest.mark.parametrize(
    ("concern", "right", "wrong", "says"),
    [
        ("outbox", "rights: [database]", "rights: [databse]", "functions.outbox_send_due_messages.rights"),
        ("console", "message: {types: [order.paid]}", "message: {type: order.paid}", "console_on_order_paid.events"),
        ("outbox", "- schedule: rate(1 minute)", "- alarm: x", "functions.outbox_send_due_messages.events"),
        ("orders", "- httpApi: ANY /v1/orders\n", "- schedule: rate(1 day)\n", "needs one kind of trigger"),
        ("console", "reservedConcurrency: 3", "reservedConcurrency: 4", "may open 11 connections"),
        ("console", "connections: 10", "connections: 32", "exceeds maxConnections (200)"),
        ("console", "connections: 10", "budget: 6", "functions/console/functions.yml needs `connections`"),
        ("console", "- httpApi: GET /v1/takings", "- httpApi: ANY /v1/tag-settings", "belongs to console_api and to"),
        ("console", "GET /v1/takings", "ANY /v1/members/{member+}", "The route ANY /v1/members/{proxy+} belongs to"),
        (
            "console",
            "{types: [order.paid]}",
            "{types: [order.paod]}",
            "waits for order.paod, which no",
        ),
        ("console", "  console_api:", "  members_console_api:", "begin with the concern: console_"),
        (
            "console",
            "functions/console/api.handler",
            "functions/members/api.handler",
            "begin with the concern: console_",
        ),
        ("console", "    rights: [database, keyring]", "    packages: [tea]", "spine.yml has no layer tea"),
    ],
)
def test_mistake_in_an_entry_is_refused(tree: Path, concern: str, right: str, wrong: str, says: str) -> None:
    _change(tree / f"functions/{concern}/functions.yml", right, wrong)
    with pytest.raises(RefusedError) as refused:
        compile_stage(tree, only=concern)
    assert says in str(refused.value)


def test_a_concern_whose_name_others_could_begin_with_is_refused(tree: Path) -> None:
    (tree / "functions/console").rename(tree / "functions/console_x")
    with pytest.raises(RefusedError, match="small letters only"):
        compile_stage(tree, only="orders")


def test_handler_without_a_docstring_is_refused(tree: Path) -> None:
    (tree / "functions/console/api.py").write_text("handler = None\n", encoding="utf-8")
    with pytest.raises(RefusedError, match="must open with a docstring"):
        compile_stage(tree, only="console")


def test_a_new_folder_with_a_functions_yml_is_a_stack(tree: Path) -> None:
    folder = tree / "functions/tea"
    folder.mkdir()
    (folder / "on_order_placed.py").write_text('"""order.placed → nothing"""\n', encoding="utf-8")
    entry = {
        "handler": "functions/tea/on_order_placed.handler",
        "rights": ["database"],
        "events": [{"message": {"types": ["order.placed"]}}],
    }
    wiring = {"connections": 1, "functions": {"tea_on_order_placed": entry}}
    (folder / "functions.yml").write_text(json.dumps(wiring), encoding="utf-8")  # JSON is YAML
    resources = compile_stage(tree).stacks["tea"].resources
    assert sorted(resource["Type"].removeprefix("AWS::") for resource in resources.values()) == [
        *["CloudWatch::Alarm"] * 2,
        "IAM::Role",
        "Lambda::EventSourceMapping",
        "Lambda::Function",
        "Logs::LogGroup",
        "Logs::MetricFilter",
        "SNS::Subscription",
        *["SQS::Queue"] * 2,
        "SQS::QueuePolicy",
    ]


def test_handler_may_lie_in_a_package_of_its_concern(tree: Path) -> None:
    package = tree / "functions/console/reports"
    package.mkdir()
    (tree / "functions/console/api.py").rename(package / "api.py")
    _change(
        tree / "functions/console/functions.yml",
        "functions/console/api.handler",
        "functions/console/reports/api.handler",
    )
    compiled = compile_stage(tree, only="console")
    [function] = [
        found for found in compiled.of_type("Lambda::Function") if found["FunctionName"].endswith("console_api")
    ]
    assert {"functions/console/reports/api.py", "functions/console/on_order_paid.py"} <= compiled.files_of(function)


def test_only_what_has_changed_is_compiled_again_and_other_concerns_keep_their_code(tree: Path) -> None:
    before = _code(compile_stage(tree))
    folder = next((tree / ".local/compiled").iterdir())
    times = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.json")}
    (tree / "functions/console/more.py").write_text("", encoding="utf-8")
    after = _code(compile_stage(tree))
    assert {name.partition("_")[0] for name in before if before[name] != after[name]} == {"dumbwaiter-prod-console"}
    compiled = {path.name for path in folder.glob("*.json") if times[path.name] != path.stat().st_mtime_ns}
    assert compiled == {"console.json"}


def test_functions_that_need_the_same_files_share_one_zip() -> None:
    compiled = compile_stage(only="members")
    keys = {function["Code"]["S3Key"] for function in compiled.of_type("Lambda::Function")}
    assert len(keys) == 1
    assert (compiled.zips / keys.pop().rpartition("/")[2]).is_file()


def test_caches_stay_out_of_zips(tree: Path) -> None:
    cache = tree / "functions/console/__pycache__"
    cache.mkdir()
    (cache / "api.cpython-311.pyc").touch()
    compiled = compile_stage(tree, only="console")
    names = {name for function in compiled.of_type("Lambda::Function") for name in compiled.files_of(function)}
    assert not [name for name in names if "__pycache__" in name]


def test_local_stacks_are_the_cloud_s_but_for_layers_snapstart_and_the_vpc(local: Compiled) -> None:
    prod = compile_stage(ROOT, snapStart="true", **IN_A_VPC)
    assert set(local.stacks) == set(prod.stacks)
    types = {
        template.resources[key]["Type"]
        for stack, template in prod.stacks.items()
        for key in set(template.resources) - set(local.stacks[stack].resources)
    }
    assert types == {
        "AWS::ApiGatewayV2::Deployment",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Version",
        "AWS::Lambda::Alias",
    }
    for stack, template in local.stacks.items():
        assert set(template.resources) <= set(prod.stacks[stack].resources)
    for function in local.of_type("Lambda::Function"):
        assert {"Layers", "VpcConfig", "SnapStart"}.isdisjoint(function)


def test_order_intake_alone_starts_from_a_snapshot_and_only_where_the_stage_pays_for_it() -> None:
    functions = compile_stage(ROOT, snapStart="true").of_type("Lambda::Function")
    assert {function["FunctionName"] for function in functions if "SnapStart" in function} == {
        "dumbwaiter-prod-orders_api"
    }
    functions = compile_stage(ROOT, only="orders").of_type("Lambda::Function")
    assert not [function for function in functions if "SnapStart" in function]


def test_local_addresses_stay_the_same(local: Compiled) -> None:
    ids = [api["Tags"]["ms-custom-id"] for api in local.of_type("ApiGatewayV2::Api")]
    assert sorted(ids) == ["dumbwaiter", "dumbwaiter-console", "dumbwaiter-printing"]
    buckets = local.stacks[SPINE].of_type("S3::Bucket")
    assert buckets["ServerlessDeploymentBucket"]["BucketName"] == "dumbwaiter-local-code"


def test_local_websocket_stage_deploys_by_itself() -> None:
    template = {
        "Resources": {
            "WebsocketsDeployment1": {"Type": "AWS::ApiGatewayV2::Deployment", "Properties": {}},
            "Stage": {
                "Type": "AWS::ApiGatewayV2::Stage",
                "Properties": {"DeploymentId": {"Ref": "WebsocketsDeployment1"}},
            },
        }
    }
    script = """
const template = JSON.parse(process.argv[1]);
require('./wiring/local').finishLocal(template, {});
console.log(JSON.stringify(template.Resources));
"""
    command = ["node", "-e", script, json.dumps(template)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    resources = json.loads(done.stdout)
    assert "WebsocketsDeployment1" not in resources
    assert resources["Stage"]["Properties"] == {"AutoDeploy": True}


def _change(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def _code(compiled: Compiled) -> dict[str, str]:
    functions = compiled.of_type("Lambda::Function")
    return {function["FunctionName"]: function["Code"]["S3Key"] for function in functions}

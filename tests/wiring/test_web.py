"""web.yml: the console's pages in a bucket behind a CDN, deployed into the emulator."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from functions.portal.resources import console, work
from functions.portal.resources.built import MEDIA_TYPES
from shared.spine.viewer import ORIGIN_HEADER, VIEWER_HEADER
from stack.emulator import Emulator
from tests.support.compiled import ROOT

TEMPLATE: dict[str, Any] = yaml.safe_load((ROOT / "web.yml").read_text(encoding="utf-8"))
RESOURCES: dict[str, Any] = {name: one["Properties"] for name, one in TEMPLATE["Resources"].items()}
DISTRIBUTION = RESOURCES["Distribution"]["DistributionConfig"]
FOREVER = "public, max-age=31536000, immutable"
CALL = """
    const handler = new Function(`${CODE}; return handler`)();
    process.stdout.write(handler({request: {uri: URI}}).uri)"""


def led_to(function: str, path: str) -> str:
    """The path to which a function of CloudFront leads a request."""
    code = RESOURCES[function]["FunctionCode"]
    text = code["Fn::Sub"].replace("${Stage}", "prod") if isinstance(code, dict) else code
    script = CALL.replace("CODE", "process.argv[1]").replace("URI", "process.argv[2]")
    return subprocess.run(["node", "-e", script, text, path], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/console", "/console/index.html"),
        ("/console/", "/console/index.html"),
        ("/console/today", "/console/index.html"),
        ("/console/orders/01J.x", "/console/index.html"),
        ("/console/fleet/s1/kitchen", "/console/index.html"),
        ("/console/worker.js", "/console/worker.js"),
        ("/console/manifest.webmanifest", "/console/manifest.webmanifest"),
        ("/console/assets/app-ABCDEFGH.js", "/console/assets/app-ABCDEFGH.js"),
        ("/work", "/work/index.html"),
        ("/work/worker.js", "/work/worker.js"),
        ("/work/assets/app-ABCDEFGH.js", "/work/assets/app-ABCDEFGH.js"),
    ],
)
def test_an_address_of_a_view_is_the_page_and_a_file_is_itself(path: str, page: str) -> None:
    assert led_to("PageOfView", path) == page


def test_the_socket_is_asked_for_at_its_stage() -> None:
    assert led_to("StageOfSocket", "/live") == "/prod"


def test_each_request_to_the_api_says_who_asks_and_that_it_came_through_the_cdn() -> None:
    """A viewer who sends the headers changes nothing: CloudFront's own custom header replaces the viewer's one."""
    script = """
        const handler = new Function(`${process.argv[1]}; return handler`)();
        const forged = {'x-dumbwaiter-viewer': {value: '203.0.113.99'}, cookie: {value: 'a'}};
        const request = {uri: '/v1/sessions', headers: forged};
        process.stdout.write(JSON.stringify(handler({request, viewer: {ip: '2001:db8::1'}})))"""
    code = RESOURCES["ViewerOfRequest"]["FunctionCode"]
    said = subprocess.run(["node", "-e", script, code], capture_output=True, text=True, check=True).stdout
    request = json.loads(said)
    assert request["headers"] == {VIEWER_HEADER.lower(): {"value": "2001:db8::1"}, "cookie": {"value": "a"}}
    assert request["uri"] == "/v1/sessions"
    [association] = DISTRIBUTION["DefaultCacheBehavior"]["FunctionAssociations"]
    assert association == {
        "EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": ["ViewerOfRequest", "FunctionARN"]}
    }  # fmt: skip
    origins = {origin["Id"]: origin for origin in DISTRIBUTION["Origins"]}
    [secret] = origins["api"]["OriginCustomHeaders"]
    assert secret == {"HeaderName": ORIGIN_HEADER.lower(), "HeaderValue": {"Ref": "OriginSecret"}}
    assert TEMPLATE["Parameters"]["OriginSecret"]["NoEcho"] is True


@pytest.mark.parametrize(("resource", "headers"), [("Headers", console.HEADERS), ("WorkHeaders", work.HEADERS)])
def test_the_headers_are_those_of_the_portal(resource: str, headers: dict[str, str]) -> None:
    config = RESOURCES[resource]["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    custom = {item["Header"]: item["Value"] for item in config["CustomHeadersConfig"]["Items"]}
    policy = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    # The photos of the work pages go to the storage of the region.
    storage = " https://s3.${AWS::Region}.${AWS::URLSuffix} https://s3.dualstack.${AWS::Region}.${AWS::URLSuffix}"
    text = policy["Fn::Sub"].replace(storage, "") if isinstance(policy, dict) else policy
    assert text == headers["Content-Security-Policy"]
    assert security["ReferrerPolicy"]["ReferrerPolicy"] == headers["Referrer-Policy"]
    assert custom.pop("Service-Worker-Allowed") == "/"
    assert custom.items() <= headers.items()


def test_no_reply_of_the_api_is_cached_and_nobody_reads_the_bucket_but_the_cdn() -> None:
    caching_disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    behaviors = {one["PathPattern"]: one for one in DISTRIBUTION["CacheBehaviors"]}
    assert DISTRIBUTION["DefaultCacheBehavior"]["CachePolicyId"] == caching_disabled
    assert behaviors["/live"]["CachePolicyId"] == caching_disabled
    assert set(behaviors) == {"/live", "/console*", "/work*"}
    assert all(RESOURCES["Pages"]["PublicAccessBlockConfiguration"].values())
    [read, no_plain_text] = RESOURCES["PagesPolicy"]["PolicyDocument"]["Statement"]
    assert read["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert "AWS:SourceArn" in read["Condition"]["StringEquals"]
    assert no_plain_text["Effect"] == "Deny"


def stack_of(**outputs: str) -> str:
    topic = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}
    return json.dumps({"Resources": topic, "Outputs": {name: {"Value": value} for name, value in outputs.items()}})


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """With the outputs of a spine and of the console, as a deploy leaves them."""
    with Emulator(tmp_path_factory.mktemp("web")) as emulator:
        cloudformation = emulator.client("cloudformation")
        for stack, template in {
            "dumbwaiter-local": stack_of(HttpApiUrl="https://api1.execute-api.us-east-1.amazonaws.com"),
            "dumbwaiter-local-console": stack_of(
                ServiceEndpointWebsocket="wss://ws1.execute-api.us-east-1.amazonaws.com/local"
            ),
        }.items():
            cloudformation.create_stack(StackName=stack, TemplateBody=template)
            cloudformation.get_waiter("stack_create_complete").wait(StackName=stack)
        yield emulator


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, as far as a deploy of the pages reads it."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("web.yml", "serverless.yml", "package-lock.json"):
        shutil.copy(ROOT / name, copy)
    shutil.copytree(ROOT / "web", copy / "web")
    (copy / "functions/console").mkdir(parents=True)
    shutil.copy(ROOT / "functions/console/functions.yml", copy / "functions/console")
    (copy / "node_modules").symlink_to(ROOT / "node_modules")
    return copy


def deploy_web(tree: Path, emulator: Emulator, *options: str) -> str:
    command = ["node", str(ROOT / "wiring/deploy.js"), "deploy", "local", "--only=web", f"--tree={tree}", *options]
    done = subprocess.run(
        command, env={**os.environ, **emulator.environment}, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


def test_a_deploy_makes_the_stack_and_uploads_the_files_with_their_headers(tree: Path, emulator: Emulator) -> None:
    said = deploy_web(tree, emulator)
    outputs = emulator.client("cloudformation").describe_stacks(StackName="dumbwaiter-local-web")["Stacks"][0][
        "Outputs"
    ]
    found = {output["OutputKey"]: output["OutputValue"] for output in outputs}
    assert found["Address"] in said
    s3 = emulator.client("s3")
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=found["Bucket"])["Contents"]]
    assert {"console/index.html", "console/worker.js", "console/manifest.webmanifest"} < set(keys)
    for key in keys:
        headers = s3.head_object(Bucket=found["Bucket"], Key=key)
        assert headers["CacheControl"] == (FOREVER if "/assets/" in key else "no-cache")
        assert headers["ContentType"] == (MEDIA_TYPES | {".html": "text/html; charset=utf-8"})[Path(key).suffix]
    for name in ("console", "work"):
        page = s3.get_object(Bucket=found["Bucket"], Key=f"{name}/index.html")["Body"].read().decode()
        asked = re.findall(r'(?:src|href)="/([^"]+)"', page)
        assert set(asked) <= set(keys)

    secret = emulator.client("ssm").get_parameter(Name="/dumbwaiter/local/origin", WithDecryption=True)["Parameter"]
    assert (secret["Type"], len(secret["Value"])) == ("SecureString", 43)

    # The second deploy uploads what has changed, and what has no hash in its name.
    assert "web: 14 files uploaded" in deploy_web(tree, emulator)
    tokens = tree / "web/console/styles/1-tokens.css"
    tokens.write_text(tokens.read_text(encoding="utf-8").replace("#1f3fae", "#1f3faf"), encoding="utf-8")
    assert "web: 16 files uploaded" in deploy_web(tree, emulator)
    again = emulator.client("ssm").get_parameter(Name="/dumbwaiter/local/origin", WithDecryption=True)["Parameter"]
    assert (again["Value"], again["Version"]) == (secret["Value"], 1)
    # The styles of the deploy before stay for the pages that are open.
    styles = [key for key in keys if "styles" in key]  # of both pages
    later = [entry["Key"] for entry in s3.list_objects_v2(Bucket=found["Bucket"])["Contents"]]
    assert set(styles) < {key for key in later if "styles" in key}


def test_a_region_of_china_has_no_such_stack(tree: Path) -> None:
    script = "process.stdout.write(String(require(process.argv[1]).isInChina(process.argv[2])))"
    for region, expected in {"cn-north-1": "true", "eu-central-1": "false"}.items():
        done = subprocess.run(
            ["node", "-e", script, ROOT / "wiring/web.js", region], capture_output=True, text=True, check=True, cwd=tree
        )
        assert done.stdout == expected

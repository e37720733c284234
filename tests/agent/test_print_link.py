"""docs/develop/print-link.md is what the code does: every example is a good frame, every frame has an example."""

import json
import re
from pathlib import Path

import pytest

from dumbwaiter_agent import credentials, jobs, link, reports
from print_link import frames
from print_link.frames import FROM_AGENT, FROM_RELAY, decode

PAGE = (Path(__file__).parents[2] / "docs/develop/print-link.md").read_text(encoding="utf-8")
FRAMES_OF = {
    "agent": PAGE.partition("### From the agent")[2].partition("### From the relay")[0],
    "relay": PAGE.partition("### From the relay")[2].partition("## Delivery")[0],
}


def examples(section: str) -> list[str]:
    return re.findall(r"```json\n(.*?)```", FRAMES_OF[section], re.DOTALL)


@pytest.mark.parametrize(("section", "known"), [("agent", FROM_AGENT), ("relay", FROM_RELAY)])
def test_every_frame_has_an_example_that_is_a_good_one(section: str, known: dict[str, object]) -> None:
    shown = [decode(text, known)["type"] for text in examples(section)]  # type: ignore[arg-type]
    assert set(shown) == set(known)


@pytest.mark.parametrize(("section", "known"), [("agent", FROM_AGENT), ("relay", FROM_RELAY)])
def test_every_member_of_a_frame_is_named(section: str, known: dict[str, dict[str, object]]) -> None:
    for kind, members in known.items():
        for member in members:
            assert f'"{member.removesuffix("?")}"' in FRAMES_OF[section], f"{kind}: {member}"


def test_every_code_that_is_sent_is_named() -> None:
    source = "".join(path.read_text() for path in (*Path(link.__file__).parent.glob("*.py"), Path(frames.__file__)))
    codes = set(re.findall(r'(?:code=|"code": |BadFrame\(|_refuse\([^,"]+, )"([a-z_]+)"', source))
    assert len(codes) > 10
    assert [code for code in sorted(codes) if f"`{code}`" not in PAGE] == []
    assert all(f"`{code}`" in PAGE for code in link.REFUSALS)


def test_the_numbers_are_the_codes() -> None:
    assert f"{frames.MAX_FRAME_BYTES:,} bytes" in PAGE
    assert f"{frames.MAX_PAYLOAD_BYTES // 1024**2} MiB" in PAGE
    assert f"{frames.MAX_PARTS}, at most {link.MOST_IN_PARTS} payloads" in PAGE
    assert f"within {credentials.TOLERANCE_SECONDS} s of its own clock" in PAGE
    assert f"None within {link.WELCOME_WITHIN:.0f} s" in PAGE
    assert f"2 × `heartbeat` + {link.SLACK_SECONDS:.0f} s" in PAGE
    assert all(f"| {grade} |" in PAGE for grade in jobs.Evidence)
    assert all(state in PAGE for state in jobs.State)
    assert "| 100 a second, 1,000 at once" in PAGE
    assert reports.PAGE / reports.PAGE_SECONDS < 100


def test_the_signature_of_the_example_is_the_one_that_openssl_makes() -> None:
    # printf 'dumbwaiter-agent-connect-v1\nag_01J9\n1795300000\nZr0p9_kqT2uVb1sXy3c4Dw' | openssl dgst -sha256 -hmac k…
    signature = "0de9259d052ec4ff14becfc406ef8e656493bac98cc4d57121cfdfb6562b2654"
    assert signature in PAGE
    identity = credentials.Identity("ag_01J9", b"k" * 32, "s1", ())
    assert identity.authorization(1795300000.9, "Zr0p9_kqT2uVb1sXy3c4Dw") == (
        "DUMBWAITER-AGENT-HMAC-SHA256 Agent=ag_01J9, Time=1795300000, Nonce=Zr0p9_kqT2uVb1sXy3c4Dw,"
        f" Signature={signature}"
    )


def test_the_payload_of_the_example_is_what_its_digest_says() -> None:
    job = next(json.loads(text) for text in examples("relay") if '"data": "aGVs' in text)
    relay_link = link.Link({}, 0.0, jitter=lambda: 0.0)
    relay_link.receive(
        json.dumps({"type": "welcome", "protocol": 1, "time": 0, "heartbeat": 60, "lifetime": 7000}), 0.0
    )
    relay_link.take_events()
    relay_link.receive(json.dumps(job), 0.0)
    [delivered] = relay_link.take_events()
    assert isinstance(delivered, link.Delivered)
    assert (delivered.payload, delivered.job.mark) == (b"hello", b"REPRINT 1\n")

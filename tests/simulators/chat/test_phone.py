"""The phone shows messages, presses as its owner, and the program keeps its log over a death."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from tests.simulators.chat.arrivals import read
from tests.simulators.chat.conftest import Product
from tests.simulators.chat.fakes import fake_chat
from tests.simulators.chat.phone import Phone
from tests.support.paths import ROOT

KEYS = {"inline_keyboard": [[{"text": "Confirm", "callback_data": "ok-1"}]]}


def test_phone_shows_and_presses(http: httpx.Client, product: Product) -> None:
    with fake_chat("telegram") as fake, Phone(fake) as phone:
        http.post(f"{phone.url}/callback", json={"url": product.callback})
        url = f"{fake.url}/bot{fake.secrets['token']}/sendMessage"
        http.post(url, json={"chat_id": "-1", "text": "Order 12", "reply_markup": KEYS})
        message = http.get(f"{phone.url}/messages").json()["messages"][0]
        assert (message["text"], message["buttons"][0]["value"]) == ("Order 12", "ok-1")
        press = {"number": message["number"], "value": "ok-1", "person": "77"}
        assert http.post(f"{phone.url}/press", json=press).json() == {"status": 200}
        http.post(f"{phone.url}/write", json={"chat": "-1", "text": "help", "person": "77"})
        assert "<script>" in http.get(phone.url).text
        shown = [row["text"] for row in http.get(f"{phone.url}/messages").json()["messages"]]
    assert shown == ["Order 12", "Tapped: Confirm", "help"]
    press_event, text_event = (json.loads(request.body) for request in product.requests)
    assert press_event["callback_query"]["from"]["id"] == 77
    assert text_event["message"]["text"] == "help"


def test_log_of_the_program_survives_its_death(http: httpx.Client, tmp_path: Path) -> None:
    file = tmp_path / "chat.jsonl"
    command = [sys.executable, "-m", "tests.simulators.chat", "--channel", "wecom_robot", "--file", str(file)]
    program = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    with program, program.stdout:
        url = program.stdout.readline().split()[1]
        body = {"msgtype": "text", "text": {"content": "Order 12"}}
        http.post(f"{url}/cgi-bin/webhook/send", params={"key": "fake-key-of-robot-3"}, json=body)
        os.kill(program.pid, signal.SIGKILL)
    arrivals = read(file.read_text(encoding="utf-8"))
    assert [(arrival.chat, arrival.text) for arrival in arrivals] == [("fake-key-of-robot-3", "Order 12")]

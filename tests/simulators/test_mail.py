"""The inbox of mails: SES of the emulator takes them, and the server before it keeps their attachments."""

from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from stack.emulator import REGION, Emulator
from tests.support.mail import MailInbox, MailServer

SENDER, READER = "sync@chain.example", "books@chain.example"
CSV = "store,difference\r\nS1,0.01\r\n".encode("utf-8-sig")


@pytest.fixture
def inbox(emulator: Emulator) -> MailInbox:
    inbox = MailInbox(emulator)
    inbox.verify(SENDER, READER)
    return inbox


@pytest.fixture
def server(emulator: Emulator) -> Iterator[MailServer]:
    with MailServer(emulator) as server:
        yield server


@pytest.fixture
def ses(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    settings = Config(retries={"total_max_attempts": 1})
    client = boto3.client(
        "sesv2", region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test", config=settings
    )
    yield client
    client.close()


def raw_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SENDER, READER, "Differences: 1 · 差异"
    mail.set_content("S1 differs by 0.01.")
    mail.add_alternative("<p>S1 differs by <b>0.01</b>.</p>", subtype="html")
    mail.add_attachment(CSV, maintype="text", subtype="csv", filename="differences.csv")
    return mail


@pytest.mark.usefixtures("inbox")
def test_a_raw_mail_arrives_with_its_attachment(inbox: MailInbox, server: MailServer, ses: Any) -> None:
    ses.send_email(
        FromEmailAddress=SENDER, Destination={"ToAddresses": [READER]}, Content={"Raw": {"Data": bytes(raw_mail())}}
    )
    [mail] = server.mails
    assert (mail.sender, mail.to, mail.subject) == (SENDER, (READER,), "Differences: 1 · 差异")
    assert mail.attachments == {"differences.csv": CSV}
    assert "<b>0.01</b>" in mail.html
    assert inbox.mails(READER)[-1].subject == mail.subject


@pytest.mark.usefixtures("inbox")
def test_a_simple_mail_arrives_with_its_attachment(server: MailServer, ses: Any) -> None:
    content = {
        "Subject": {"Data": "One"}, "Body": {"Text": {"Data": "a"}, "Html": {"Data": "<p>a</p>"}},
        "Attachments": [{"FileName": "a.csv", "RawContent": CSV, "ContentType": "text/csv"}],
    }  # fmt: skip
    ses.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [READER]}, Content={"Simple": content})
    [mail] = server.mails
    assert (mail.text, mail.html, mail.attachments) == ("a", "<p>a</p>", {"a.csv": CSV})


@pytest.mark.usefixtures("inbox")
def test_ses_refuses_a_sender_that_is_not_verified_and_says_when_it_is_too_much(server: MailServer, ses: Any) -> None:
    content = {"Simple": {"Subject": {"Data": "One"}, "Body": {"Text": {"Data": "a"}}}}
    with pytest.raises(ClientError, match="not verified"):
        ses.send_email(FromEmailAddress="x@y.example", Destination={"ToAddresses": [READER]}, Content=content)
    server.fail(["too_many"])
    with pytest.raises(ClientError, match="rate"):
        ses.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [READER]}, Content=content)
    assert server.mails == []

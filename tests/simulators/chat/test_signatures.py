"""Signatures equal vectors that were computed with the services' own packages and published examples."""

from tests.simulators.chat import signatures

SECRET, SECONDS, NONCE, BODY = "secret", 1795264205, "nonce1", b'{"a":1}'
KEY43 = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ENCRYPTED = "Q3stYC6hdFzMh9T8HCvyDAuKynFZx72zvSsMzinYKQ+iKy6NgufizaKz7xyMLITqQ5SKGSun3H5YoZPsd+BcMg=="


def test_whatsapp() -> None:
    expected = "sha256=aa9e2e3575f5d7098b6caccd790888c36d5fdb63342a73bada2d6a51747a8494"
    assert signatures.whatsapp(SECRET, BODY) == expected


def test_line() -> None:
    assert signatures.line(SECRET, BODY) == "qp4uNXX11wmLbKzNeQiIw21f22M0KnO62i1qUXR6hJQ="


def test_slack() -> None:
    expected = "v0=fbe06aa699f277f752d3133967973a83a18582af77adb0b602e6d1f700ab1ba7"
    assert signatures.slack(SECRET, SECONDS, BODY) == expected


def test_slack_example_of_its_documentation() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert signatures.slack("8f742231b10e8888abcd99yyyzzz85a5", 1531420618, body) == expected


def test_feishu_bot() -> None:
    assert signatures.feishu_bot(SECRET, SECONDS) == "5wIQuPq3EnI2o5bKMJ0NfDVZJtGIFAiI9+YR6lbMX+M="


def test_feishu_event() -> None:
    expected = "54b21c8a5bfec9ce273f8c7fd867ea70ad7c14542c3ac1c0be486c292d6d2133"
    assert signatures.feishu_event(SECRET, SECONDS, NONCE, BODY) == expected


def test_dingtalk() -> None:
    assert signatures.dingtalk(SECRET, SECONDS * 1000) == "wql%2FB89CvWkSwgBHTqIXKvUTyKA84PaK4IUir4MZmQA%3D"


def test_wecom_signs_a_message() -> None:
    signature = signatures.wecom("tok", str(SECONDS), NONCE, ENCRYPTED)
    assert signature == "c8983405f06e205a5a2edc9e000adcbb19b6f3a9"


def test_official_account_signs_the_check_of_an_address() -> None:
    assert signatures.official_account("tok", str(SECONDS), NONCE) == "c9b4a3116a02aeabfa05c0acccbf369c792a9df1"


def test_wecom_decrypts() -> None:
    assert signatures.wecom_decrypt(KEY43, "wwcorp", ENCRYPTED) == "<xml><a>1</a></xml>"


def test_wecom_encrypts_what_it_decrypts() -> None:
    text = "<xml><Content>餐厅 Straße</Content></xml>"
    assert signatures.wecom_decrypt(KEY43, "ww1", signatures.wecom_encrypt(KEY43, "ww1", text)) == text


def test_twilio_example_of_its_documentation() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signatures.twilio("12345", url, form) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="

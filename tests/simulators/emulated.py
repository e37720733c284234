"""Bytes on stdin → JSON of what emupos (PyPI, Apache-2.0) prints; run by a Python 3.13 or later that has it.

emupos is somebody else's reading of Epson's reference. It knows neither two-byte text nor GS ( H.
"""

import base64
import json
import sys

from emupos.config import PrinterProfile
from emupos.printer.escpos.model import PrintModel
from emupos.printer.escpos.tokenizer import Tokenizer

PROFILE = {
    "type": "printer",
    "name": "80 mm",
    "dpi": 203,
    "width_dots": 576,
    "font_a": {"width": 12, "height": 24},
    "font_b": {"width": 9, "height": 17},
    "code_pages": {0: "PC437"},
    "default_code_page": 0,
    "drawer_sensor_open_level": "high",
}


def main() -> None:
    """Text, PNG, and the commands that it did not know, in hexadecimal."""
    model = PrintModel("kitchen", PrinterProfile.model_validate(PROFILE))
    events = [event for token in Tokenizer().feed(sys.stdin.buffer.read()) for event in model.process(token)]
    receipt = model.finish("cut")
    unknown = [event.data["bytes"] for event in events]
    png = base64.b64encode(receipt.png).decode()
    print(json.dumps({"text": receipt.text, "png": png, "unknown": unknown}))  # noqa: T201 - its reply


if __name__ == "__main__":
    main()

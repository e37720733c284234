"""Settings as JSON."""

import json

from functions.forecast.engine.settings import Settings


def test_settings_are_unchanged_by_json() -> None:
    settings = Settings(rows=7, validation_days=(30, 60))
    assert Settings.read(json.loads(json.dumps(settings.document()))) == settings

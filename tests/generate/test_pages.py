"""Generated pages are up to date, and a stale or incomplete page is reported."""

from pathlib import Path
from types import ModuleType

import pytest

from generate import messages, pages, problems


@pytest.mark.parametrize("generator", [messages, problems], ids=lambda generator: str(generator.__name__))
def test_the_page_is_generated_from_the_present_code(generator: ModuleType) -> None:
    page = generator.PAGE.read_text(encoding="utf-8")
    assert page == pages.with_generated(page, generator.render()), f"run python -m {generator.__name__}"


def test_text_outside_the_markers_stays() -> None:
    page = f"before\n{pages.OPEN}\nold\n{pages.CLOSE}\nafter\n"
    assert pages.with_generated(page, "new") == f"before\n{pages.OPEN}\n\nnew\n\n{pages.CLOSE}\nafter\n"


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the lines"):
        pages.with_generated("no markers", "new")


def test_a_text_for_a_code_that_no_source_raises_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = tmp_path / "problems.toml"
    texts.write_text('[Requests]\nnever_raised = ["Meaning.", "Remedy."]\n[Faults]\n', encoding="utf-8")
    monkeypatch.setattr(problems, "TEXTS", texts)
    with pytest.raises(ValueError, match="never_raised"):
        problems.render()

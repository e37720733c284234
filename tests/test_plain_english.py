"""Docs, docstrings, errors, the API document and the pages are in plain English."""

from pathlib import Path

import pytest

from tests.support import plain_english
from tests.support.plain_english import Text, all_files, faults, sentences, texts, words

FILES = [path for path in all_files() if path.suffix in {".md", ".py", ".json", ".html", ".js", ".mjs"}]


def test_every_text_is_plain() -> None:
    assert [fault for file in FILES for text in texts(file) for fault in faults(text)] == []


@pytest.mark.parametrize(
    ("sentence", "count"),
    [
        ("A store sells pizza.", 4),
        ("The agent's key is in `agent.json`, see [the page](a/very/long/path.md).", 9),
        ("12 of 30 days, e.g. Monday.", 4),
    ],
)
def test_words_are_counted_without_code_links_and_numbers(sentence: str, count: int) -> None:
    assert [len(words(part)) for part in sentences(sentence)] == [count]


def test_the_strings_of_scripts_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>One.</p><script>say(`${count} orders are <b>kept</b>`, 'id'); // it's a comment\n</script>")
    monkeypatch.setattr(plain_english, "ROOT", tmp_path)
    assert [" ".join(text.prose.split()) for text in texts(page)] == ["One.", "code orders are kept"]


def test_a_sentence_ends_at_its_full_stop() -> None:
    assert sentences("One ends. Two ends! Three?") == ["One ends.", "Two ends!", "Three?"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Whoever calls is told.",
        "What is left is dropped.",
        "The house knows it.",
        "A feast raises the forecast.",
        " ".join(["word"] * 26) + ".",
    ],
)
def test_a_fault_is_found(sentence: str) -> None:
    assert list(faults(Text("page.md:1", sentence)))


@pytest.mark.parametrize("sentence", ["What is a tag?", "A household buys in-house.", " ".join(["word"] * 25) + "."])
def test_plain_sentences_pass(sentence: str) -> None:
    assert not list(faults(Text("page.md:1", sentence)))

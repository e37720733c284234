"""The table of docs/develop/functions.md is what each functions.yml and the handlers say today."""

import pytest

from generate.flow_table import PAGE, render, with_table
from stack.concerns import read_functions


def test_flow_table_is_current() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_table(page, render()), "stale: run `python -m generate.flow_table`"


def test_table_has_a_row_for_what_each_trigger_wakes() -> None:
    table = render()
    [row] = [line for line in table.splitlines() if "console_on_order_paid" in line]
    assert row.startswith("| [console_on_order_paid](../../functions/console/on_order_paid.py) | `order.paid` | ")
    assert "`rate(1 minute)`" in table
    assert table.count("/v1/orders`") == 1, "a path and what is below it are one line"


def test_every_function_is_named_and_the_tags_share_a_row() -> None:
    table = render()
    assert [key for key in read_functions() if table.count(f"[{key}](") != 1] == []
    [tags] = [line for line in table.splitlines() if "members_recency" in line]
    assert tags.count("](../../functions/members/") == 17
    assert "members_on_order_paid" not in tags


def test_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="<!-- flow -->"):
        with_table("# A page\n", "| a |")

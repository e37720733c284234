"""`python -m generate.concern_map` → the READMEs' table of concerns, from the docstring of each `__init__`."""

# ruff: noqa: RUF001 - Chinese has punctuation of its own

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from generate.flow_table import ROOT

OPEN, CLOSE = "<!-- concerns -->", "<!-- /concerns -->"
HEADINGS = {
    "README.md": ("concern", "what it does", "owns", "hears", "says"),
    "README.zh-CN.md": ("业务", "做什么", "拥有的表", "接收", "发出"),
}
# The sentences of README.zh-CN.md; everything else is the same in both.
CHINESE = {
    "console": "总部查看各门店每个营业日的营业额",
    "forecast": "每晚预测每家门店未来 30 天的营业额，并说明理由",
    "members": "按购买记录计算会员标签，每个标签一个函数；用表达式选出人群",
    "orders": "接收订单，只保存一次；收款、退款和出餐状态",
    "outbox": "补发未发布的消息，清理旧的幂等键，监视队列和定时器",
    "people": "控制台用户的账号、会话和角色，以及操作记录",
    "portal": "提供 API 文档和控制台页面",
    "printing": "把小票打印到正确的门店和打印机；没有打印时通知值班人员",
    "stores": "门店设置、营业时间、菜单和售罄",
}


CARD = re.compile(r"(?P<does>.*?)\.? Owns: (?P<owns>.*?)\.? Hears: (?P<hears>.*?)\.? Says: (?P<says>.*?)\.?")


@dataclass(frozen=True)
class Concern:
    """One folder of functions/. `does` is its first sentence; the others are comma lists."""

    name: str
    does: str
    owns: tuple[str, ...]
    hears: tuple[str, ...]
    says: tuple[str, ...]


def main() -> None:
    for readme in HEADINGS:
        page = ROOT / readme
        page.write_text(with_map(page.read_text(encoding="utf-8"), render(readme)), encoding="utf-8")


def concerns() -> list[Concern]:
    """Every concern, by name. Raises ValueError for a docstring without the lines Owns, Hears, Says."""
    return [read_concern(path) for path in sorted((ROOT / "functions").glob("*/__init__.py"))]


def read_concern(path: Path) -> Concern:
    """The three lines may go on in the next line. Their lists end with a full stop; an empty one says `nothing`."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    text = " ".join(docstring.split())
    match = re.fullmatch(
        r"(?P<does>.*?)\.? Owns: (?P<owns>.*?)\.? Hears: (?P<hears>.*?)\.? Says: (?P<says>.*?)\.?", text
    )
    if not match:
        raise ValueError(f"{path} needs a sentence and the lines Owns, Hears and Says")
    lists = (_list(match[key]) for key in ("owns", "hears", "says"))
    return Concern(path.parent.name, match["does"], *lists)


def _list(text: str) -> tuple[str, ...]:
    return () if text == "nothing" else tuple(re.split(r", ", text))


def render(readme: str) -> str:
    """The table as Markdown, in that README's language."""
    rows = [
        (
            f"[{concern.name}](functions/{concern.name})",
            CHINESE.get(concern.name, concern.does) if "zh" in readme else concern.does,
            *(", ".join(f"`{entry}`" for entry in entries) for entries in (concern.owns, concern.hears, concern.says)),
        )
        for concern in concerns()
    ]
    lines = [HEADINGS[readme], ("---",) * 5, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_map(page: str, table: str) -> str:
    """The page with the table between its markers. Raises ValueError where it has none."""
    before, _, after = page.partition(OPEN)
    _, close, end = after.partition(CLOSE)
    if not close:
        raise ValueError(f"The page needs the lines {OPEN} and {CLOSE} around the table")
    return f"{before}{OPEN}\n{table}\n{CLOSE}{end}"


if __name__ == "__main__":
    main()

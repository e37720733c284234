"""`python -m generate.concern_map` → tables of concerns in READMEs and functions.md, by each `__init__`."""

# ruff: noqa: RUF001 - Chinese has punctuation of its own

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from generate.flow_table import PAGE, ROOT, with_table

MARKER = "concerns"
HEADINGS = {"README.md": ("concern", "what it does", "read more"), "README.zh-CN.md": ("业务", "做什么", "详细说明")}
DETAILS = ("concern", "owns", "hears", "says")
# Pages of docs/ about a concern, and their titles in both languages.
PAGES = {
    "console": ("guide/console.md", "guide", "指南"),
    "delivery": ("guide/delivery.md", "guide", "指南"),
    "forecast": ("guide/read-a-forecast.md", "guide", "指南"),
    "members": ("guide/tags.md", "tags", "标签"),
    "orders": ("api/orders.md", "API", "API"),
    "outbox": ("operate/queues.md", "queues", "队列"),
    "outlets": ("guide/outlets.md", "guide", "指南"),
    "people": ("guide/sign-in.md", "guide", "指南"),
    "portal": ("api/README.md", "API", "API"),
    "printing": ("guide/printers.md", "guide", "指南"),
    "stores": ("api/stores-and-menus.md", "API", "API"),
    "sync": ("guide/sync.md", "guide", "指南"),
    "timers": ("guide/timers.md", "guide", "指南"),
    "webhooks": ("api/webhooks.md", "API", "API"),
}
# The sentences of README.zh-CN.md; everything else is the same in both.
CHINESE = {
    "console": "总部和门店的控制台：各门店每个营业日的营业额，页面实时更新",
    "delivery": "配送：从打包台到骑手再到顾客门口，一个实时订单，几方共享",
    "forecast": "每晚预测每家门店未来 30 天的营业额，并说明理由",
    "members": "会员：消费记录、标签（每个标签一个函数）、人群和删除",
    "orders": "订单：按门店菜单计价，只保存一次，并通知其他业务；收款、退款和出餐状态",
    "outbox": "补发未发布的消息，清理旧的幂等键，监视队列和定时器",
    "outlets": "网点：订单发到店主的聊天里，点一下就确认；无人确认时逐级升级",
    "people": "控制台用户的账号、会话和角色，以及操作记录",
    "portal": "提供 API 文档和各种页面：说明文档、控制台、工作页面",
    "printing": "把小票打印到正确的门店和打印机；没有打印时通知值班人员",
    "stores": "门店设置、营业时间、菜单和售罄；连锁菜单",
    "sync": "同步：销售、库存、价格和员工与 ERP、仓库、人事和收银系统保持一致，一分不差",
    "timers": "定时器和计划任务：整个系统的定时器集中在一处，人也可以安排任务",
    "webhooks": "把订单、门店和菜单的消息推送给集成商，带签名并自动重试",
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
        _write(ROOT / readme, render(readme))
    _write(PAGE, render_details())


def _write(page: Path, table: str) -> None:
    page.write_text(with_table(page.read_text(encoding="utf-8"), table, MARKER), encoding="utf-8")


def concerns() -> list[Concern]:
    """Every concern, by name. Raises ValueError for a docstring without the lines Owns, Hears, Says."""
    return [read_concern(path) for path in sorted((ROOT / "functions").glob("*/__init__.py"))]


def read_concern(path: Path) -> Concern:
    """The three lines may go on in the next line. Their lists end with a full stop; an empty one says `nothing`."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    text = " ".join(docstring.split())
    match = CARD.fullmatch(text)
    if not match:
        raise ValueError(f"{path} needs a sentence and the lines Owns, Hears and Says")
    lists = (_list(match[key]) for key in ("owns", "hears", "says"))
    return Concern(path.parent.name, match["does"], *lists)


def _list(text: str) -> tuple[str, ...]:
    return () if text == "nothing" else tuple(re.split(r", ", text))


def render(readme: str) -> str:
    """The table of a README as Markdown, in its language."""
    chinese = "zh" in readme
    rows = [
        (
            f"[{concern.name}](functions/{concern.name})",
            CHINESE.get(concern.name, concern.does) if chinese else concern.does,
            _link(concern.name, chinese=chinese),
        )
        for concern in concerns()
    ]
    return _table(HEADINGS[readme], rows)


def render_details() -> str:
    """The table of docs/develop/functions.md as Markdown: tables, triggers and messages of each concern."""
    rows = [
        (
            f"[{concern.name}](../../functions/{concern.name})",
            *(", ".join(f"`{entry}`" for entry in entries) for entries in (concern.owns, concern.hears, concern.says)),
        )
        for concern in concerns()
    ]
    return _table(DETAILS, rows)


def _link(concern: str, *, chinese: bool) -> str:
    if concern not in PAGES:
        return ""
    page, english_title, chinese_title = PAGES[concern]
    return f"[{chinese_title if chinese else english_title}](docs/{page})"


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [headings, ("---",) * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()

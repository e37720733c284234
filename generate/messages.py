"""`python -m generate.messages` → the table of docs/api/messages.md, from the models of the message types."""

import inspect
from importlib import import_module
from pkgutil import iter_modules

from generate.pages import ROOT, table, write
from shared.contracts import messages
from shared.contracts.messages import MessageData

PAGE = ROOT / "docs/api/messages.md"


def main() -> None:
    write(PAGE, render())


def render() -> str:
    """A section for each concern, with a row for each message type."""
    names = sorted(module.name for module in iter_modules(messages.__path__))
    sections = ((name, message_types(name)) for name in names)
    return "\n\n".join(f"## {name.capitalize()}\n\n{_table(models)}" for name, models in sections if models)


def message_types(module_name: str) -> list[type[MessageData]]:
    """The models of one module that have a type, in the order of the source."""
    module = import_module(f"{messages.__name__}.{module_name}")
    classes = inspect.getmembers(module, inspect.isclass)
    models = [cls for _, cls in classes if issubclass(cls, MessageData) and "type" in vars(cls)]
    return sorted(models, key=lambda model: inspect.getsourcelines(model)[1])


def _table(models: list[type[MessageData]]) -> str:
    return table(("type", "meaning", "fields of `data`"), [_row(model) for model in models])


def _row(model: type[MessageData]) -> tuple[str, str, str]:
    meaning = " ".join((inspect.getdoc(model) or "").split())
    return f"`{model.type}`", meaning, ", ".join(f"`{name}`" for name in model.model_fields)


if __name__ == "__main__":
    main()

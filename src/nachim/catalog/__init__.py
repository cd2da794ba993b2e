"""What is known of KPIs before a company's own data comes: catalogue, standard tables, templates, and how they fit."""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nachim.catalog.entries import Band, Catalogue, Companion, Entry, Vanity, catalogue, entry
    from nachim.catalog.fit import Column, Fit, Fitted, fit
    from nachim.catalog.stage import Advice, advise, stage_of
    from nachim.catalog.tables import Table, Text
    from nachim.catalog.templates import Template, template, templates
    from nachim.catalog.vocabulary import vocabulary

# Imported when first used: `nachim check` needs the vocabulary only and answers at once.
ROOMS = {
    "entries": ("Band", "Catalogue", "Companion", "Entry", "Vanity", "catalogue", "entry"),
    "fit": ("Column", "Fit", "Fitted", "fit"),
    "stage": ("Advice", "advise", "stage_of"),
    "tables": ("Table", "Text"),
    "templates": ("Template", "template", "templates"),
    "vocabulary": ("vocabulary",),
}
HOME = {name: room for room, names in ROOMS.items() for name in names}

__all__ = [
    "Advice", "Band", "Catalogue", "Column", "Companion", "Entry", "Fit", "Fitted", "Table", "Template", "Text",
    "Vanity", "advise", "catalogue", "entry", "fit", "stage_of", "template", "templates", "vocabulary",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"nachim.catalog.{HOME[name]}"), name)
    globals()[name] = found
    return found


class Rooms(ModuleType):
    """Where a module and a function share a name (`fit`), the name here is the function's."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = Rooms

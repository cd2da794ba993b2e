"""What is known of KPIs before a company's own data comes: catalogue, standard tables, templates, and how they fit."""

from nachim.catalog.entries import Band, Catalogue, Companion, Entry, Vanity, catalogue, entry
from nachim.catalog.fit import Column, Fit, Fitted, fit
from nachim.catalog.stage import Advice, advise, stage_of
from nachim.catalog.tables import Table, Text
from nachim.catalog.templates import Template, template, templates

__all__ = [
    "Advice", "Band", "Catalogue", "Column", "Companion", "Entry", "Fit", "Fitted", "Table", "Template", "Text",
    "Vanity", "advise", "catalogue", "entry", "fit", "stage_of", "template", "templates",
]  # fmt: skip

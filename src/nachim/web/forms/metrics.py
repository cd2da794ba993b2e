"""Defining a metric: an aggregate of one table, or a calculation over metrics."""

import re
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from nachim.app.models import EventRows, Metric, Table
from nachim.app.queries.metrics import CALL
from nachim.core.number import parse_number
from nachim.metrics.suggest import quoted
from nachim.web.forms.fields import UNITS

FUNCTIONS = [
    ("sum", _("sum")),
    ("count", _("number of rows")),
    ("count_distinct", _("number of different values")),
    ("avg", _("average")),
    ("median", _("median")),
    ("min", _("smallest")),
    ("max", _("largest")),
]
OPERATORS = [
    ("=", _("is")),
    ("<>", _("is not")),
    ("in", _("is one of (a, b, …)")),
    ("like", _("contains")),
    (">", ">"),
    (">=", "≥"),
    ("<", "<"),
    ("<=", "≤"),
    ("null", _("is empty")),
    ("not null", _("is not empty")),
]
STEPS = [("/", "÷"), ("*", "×"), ("+", "+"), ("-", "−")]
EVERY = [
    ("day", _("day")),
    ("week", _("week")),
    ("month", _("month")),
    ("quarter", _("quarter")),
    ("year", _("year")),
]
OVER_TIME = [
    ("last", _("the last value in it")),
    ("sum", _("the sum of its values")),
    ("avg", _("the mean of its values")),
]
CONDITIONS, SHOWN = 5, 2
NAME = re.compile(r"^[A-Za-z가-힣_]\w*\Z")
SIMPLE = re.compile(
    r"""("(?P<quoted>[^"]+)"|(?P<plain>[\w.]+))\s*(?P<operator>=|<>|!=|>=|<=|>|<)\s*('(?P<text>(?:[^']|'')*)'|(?P<number>-?[\d.]+))"""
)


class MetricForm(forms.Form):
    """What every metric has; how it is computed is each way's own."""

    label_ko = forms.CharField(label=_("Korean name"), max_length=100, required=False)
    label_en = forms.CharField(label=_("English name"), max_length=100, required=False)
    unit = forms.ChoiceField(label=_("Unit"), choices=UNITS)
    better = forms.ChoiceField(label=_("Direction"), choices=Metric.Better.choices)
    name = forms.RegexField(
        NAME,
        label=_("Short name"),
        max_length=60,
        required=False,
        help_text=_("How other definitions refer to it: revenue, 주문수. Empty: made from the name."),
    )
    reason = forms.CharField(
        label=_("Why it changes"), max_length=300, required=False,
        help_text=_("Needed when KPIs stand on it and its formula changes."),
    )  # fmt: skip
    way = ""

    def __init__(self, *args, metric: Metric | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.metric = metric
        if metric is None:
            del self.fields["reason"]
            self.fields["label_en" if get_language() == "en" else "label_ko"].required = True
        else:
            self.fields["name"].disabled = True
            if metric.unit not in dict(UNITS):
                self.fields["unit"].choices = [*UNITS, (metric.unit, metric.unit)]

    def clean(self):
        data = super().clean()
        if not data.get("label_ko") and not data.get("label_en"):
            self.add_error("label_ko", _("Give it a name, in Korean or in English."))
        elif not data.get("name") and "name" not in self.errors:
            data["name"] = free_name(data.get("label_en") or data.get("label_ko"))
        elif self.metric is None and Metric.objects.filter(name=data.get("name")).exists():
            self.add_error("name", _("There is a metric of this name already."))
        return data

    @property
    def head(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("name", "label_ko", "label_en", "unit", "better")}

    @property
    def field_of_formula(self) -> str:
        """Where the engine's sentences belong."""
        return {"agg": "column", "calc": "calc", "text": "text", "at": "at", "manual": "every"}[self.way]


class AggForm(MetricForm):
    """A function of the rows of one table, with up to five conditions or a written one."""

    way = "agg"
    table = forms.ChoiceField(label=_("Table"))
    function = forms.ChoiceField(label=_("What of its rows"), choices=FUNCTIONS)
    column = forms.ChoiceField(label=_("Column"), required=False, help_text=_("Not needed for the number of rows."))
    where = forms.CharField(
        label=_("Condition in full"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example: status = 'paid' and (amount > 0 or channel = 'app'). Added to the rows above."),
    )

    def __init__(self, *args, table: Table | None, tables, kinds: dict[str, str], **kwargs):
        super().__init__(*args, **kwargs)
        self.kinds = kinds
        choices = [("", "—"), *((name, name) for name in kinds)]
        self.fields["table"].choices = [(one.name, str(one)) for one in tables]
        self.fields["table"].initial = table.name if table else ""
        self.fields["column"].choices = choices
        for at in range(CONDITIONS):
            self.fields[f"column_{at}"] = forms.ChoiceField(label=_("Column"), required=False, choices=choices)
            self.fields[f"operator_{at}"] = forms.ChoiceField(label=_("Comparison"), required=False, choices=OPERATORS)
            self.fields[f"value_{at}"] = forms.CharField(label=_("Value"), required=False, max_length=300)
            for part in ("column", "operator", "value"):
                field = self.fields[f"{part}_{at}"]
                field.widget.attrs["aria-label"] = f"{field.label} {at + 1}"

    def _rows(self, start: int, stop: int) -> list[tuple]:
        return [tuple(self[f"{part}_{at}"] for part in ("column", "operator", "value")) for at in range(start, stop)]

    @property
    def first_conditions(self) -> list[tuple]:
        return self._rows(0, SHOWN)

    @property
    def more_conditions(self) -> list[tuple]:
        return self._rows(SHOWN, CONDITIONS)

    @property
    def more_open(self) -> bool:
        return bool(
            self["where"].value()
            or any(column.value() or value.errors for column, _operator, value in self.more_conditions)
        )

    def clean(self):
        data = super().clean()
        if data.get("function") != "count" and not data.get("column") and "column" not in self.errors:
            self.add_error("column", _("Name the column to work on."))
        self.tests = []
        for at in range(CONDITIONS):
            column, operator, value = (data.get(f"{part}_{at}") for part in ("column", "operator", "value"))
            if column:
                try:
                    self.tests.append(condition(column, operator or "=", value or "", self.kinds[column]))
                except ValidationError as error:
                    self.add_error(f"value_{at}", error)
            elif value:
                self.add_error(f"column_{at}", _("Say which column this value is of."))
        return data

    @property
    def spec(self) -> dict:
        data = self.cleaned_data
        table = data["table"]
        written = data["where"].strip()
        parts = [*self.tests, *([f"({written})" if self.tests else written] if written else [])]
        where = {"where": " and ".join(parts)} if parts else {}
        if data["function"] == "count" and not data["column"]:
            return {"agg": f"count({quoted(table)})", **where}
        name = data["column"]
        full = dotted(name) if "." in name else f"{quoted(table)}.{quoted(name)}"
        return {"agg": f"{data['function']}({full})", "from": table, **where}


class CalcForm(MetricForm):
    """Two metrics and what to do with them, or a written formula."""

    way = "calc"
    left = forms.ChoiceField(label=_("Metric"), required=False)
    step = forms.ChoiceField(label=_("Operation"), choices=STEPS, required=False)
    right = forms.ChoiceField(label=_("and metric"), required=False)
    calc = forms.CharField(
        label=_("Formula in full"),
        required=False,
        max_length=500,
        help_text=_("With short names: revenue / orders. Stands instead of the choice above."),
    )

    def __init__(self, *args, known, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [("", "—"), *((one.name, one.label) for one in known)]
        self.fields["left"].choices = self.fields["right"].choices = choices

    def clean(self):
        data = super().clean()
        if not data.get("calc") and not (data.get("left") and data.get("right")):
            self.add_error("right" if data.get("left") else "left", _("Choose two metrics, or write the formula."))
        return data

    @property
    def spec(self) -> dict:
        data = self.cleaned_data
        calc = data["calc"].strip() or f"{quoted(data['left'])} {data['step'] or '/'} {quoted(data['right'])}"
        parts = (self.metric.spec.get("with") if self.metric else None) or {}
        return {"calc": calc, **({"with": parts} if parts else {})}


class TextForm(MetricForm):
    """The definition as the language writes it."""

    way = "text"
    text = forms.CharField(
        label=_("Definition"),
        max_length=500,
        help_text=_("For example: 100 * (avg(score >= 9) - avg(score <= 6))"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    table = forms.ChoiceField(label=_("Table"), required=False)
    where = forms.CharField(
        label=_("Only rows with"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example: status = 'paid' and amount > 0"),
    )

    def __init__(self, *args, tables, **kwargs):
        super().__init__(*args, **kwargs)
        made = ((name, name) for name in EventRows.objects.values_list("name", flat=True))
        self.fields["table"].choices = [("", "—"), *((one.name, str(one)) for one in tables), *made]

    @property
    def spec(self) -> dict:
        data = self.cleaned_data
        rest = {key: data[name] for key, name in (("from", "table"), ("where", "where")) if data[name].strip()}
        return {"agg": data["text"], **rest, **_unseen(self.metric)}


class ManualForm(MetricForm):
    """A number people write in: how often, and how its values make a longer period."""

    way = "manual"
    every = forms.ChoiceField(label=_("One value for each"), choices=EVERY, initial="month")
    over_time = forms.ChoiceField(
        label=_("The number of a longer period"), choices=OVER_TIME, initial="last",
        help_text=_("Of monthly values a quarter is the last (a level, a rate), their sum (an amount) or their mean."),
    )  # fmt: skip

    @property
    def spec(self) -> dict:
        """Defaults are not written, as a file would not."""
        given = {"over_time": self.cleaned_data["over_time"], "every": self.cleaned_data["every"]}
        return {
            "manual": {key: one for key, one in given.items() if one != {"over_time": "last", "every": "month"}[key]}
        }


def _unseen(metric: Metric | None) -> dict:
    """What a file says of an aggregate that the page has no field for."""
    return {key: metric.spec[key] for key in ("per", "over_time") if metric is not None and key in metric.spec}


def condition(column: str, operator: str, value: str, kind: str) -> str:
    """One comparison in the condition language; ValidationError where the value is none of the column's type."""
    name = dotted(column)
    if operator in ("null", "not null"):
        return f"{name} is {operator}"
    if not value.strip():
        raise ValidationError(gettext("Give the value to compare with."))
    if operator == "like":
        return f"{name} like {literal('%' + value.strip() + '%', 'text')}"
    if operator == "in":
        return f"{name} in ({', '.join(literal(one, kind) for one in value.split(',') if one.strip())})"
    return f"{name} {operator} {literal(value, kind)}"


def literal(value: str, kind: str) -> str:
    value = value.strip()
    if kind in ("number", "integer"):
        try:
            return f"{parse_number(value):.15g}"
        except ValueError:
            raise ValidationError(
                gettext("This column holds numbers, and “%(value)s” is none.") % {"value": value}
            ) from None
    if kind == "bool":
        yes = value.lower() in ("true", "yes", "y", "1", "예", "참", "o")
        return "true" if yes else "false"
    if kind == "time":
        try:
            date.fromisoformat(value[:10])
        except ValueError:
            raise ValidationError(gettext("This column holds times. Write a day as 2026-11-24.")) from None
    return "'" + value.replace("'", "''") + "'"


def dotted(column: str) -> str:
    return ".".join(quoted(part) for part in column.split(".", 1))


def free_name(label: str) -> str:
    """A short name made from a label, that no metric has."""
    base = re.sub(r"\W+", "_", label.lower()).strip("_")[:50]
    base = base if NAME.fullmatch(base) else f"metric_{base}".strip("_")
    name, number = base, 2
    while Metric.objects.filter(name=name).exists():
        name, number = f"{base}_{number}", number + 1
    return name


def initial_of(metric: Metric, tables: dict[str, dict[str, str]]) -> tuple[str, dict]:
    """A stored metric back in a form: the way that can say it, and its fields."""
    spec = metric.spec
    head = {name: getattr(metric, name) for name in ("label_ko", "label_en", "name", "unit", "better")}
    if "calc" in spec:
        pair = re.fullmatch(r'"?(\w+)"?\s*([-+*/])\s*"?(\w+)"?', spec["calc"].strip())
        names = set(Metric.objects.values_list("name", flat=True))
        if pair and not spec.get("with") and {pair[1], pair[3]} <= names:
            return "calc", head | {"left": pair[1], "step": pair[2], "right": pair[3]}
        return "calc", head | {"calc": spec["calc"]}
    if "at" in spec:
        return "at", head | {key: spec[key] for key in ("at", "shift", "window", "to_date", "eval") if key in spec}
    if "manual" in spec:
        return "manual", head | {"every": "month", "over_time": "last"} | spec["manual"]
    plain = None if _unseen(metric) else _builder(spec, tables)
    if plain is not None:
        return "agg", head | plain
    return "text", head | {"text": spec.get("agg", ""), "where": spec.get("where", ""), "table": spec.get("from", "")}


def _builder(spec: dict, tables: dict[str, dict[str, str]]) -> dict | None:
    call = CALL.fullmatch(spec.get("agg", "").strip())
    if not call or re.search(r"[()<>=+*/]", call[2]):
        return None
    name, _dot, column = call[2].replace('"', "").rpartition(".")
    if call[1] == "count" and column in tables and not name:
        name, column = column, ""
    table = name if name in tables else spec.get("from", "")
    if name and name != table:
        column = f"{name}.{column}"
    if table not in tables or (column and column not in tables[table]):
        return None
    found = {"table": table, "function": call[1], "column": column}
    tests = (
        [SIMPLE.fullmatch(part.strip()) for part in spec.get("where", "").split(" and ")] if spec.get("where") else []
    )
    names = [test and (test["quoted"] or test["plain"]) for test in tests]
    if len(tests) > CONDITIONS or any(name not in tables[table] for name in names):
        return found | {"where": spec["where"]}
    for at, test in enumerate(tests):
        value = test["text"].replace("''", "'") if test["text"] is not None else test["number"]
        operator = "<>" if test["operator"] == "!=" else test["operator"]
        found |= {f"column_{at}": names[at], f"operator_{at}": operator, f"value_{at}": value}
    return found

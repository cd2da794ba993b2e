"""Defining a metric: an aggregate of one table, or a calculation over metrics."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nachim.app.models import Metric
from nachim.metrics.suggest import quoted
from nachim.web.forms.fields import UNITS

FUNCTIONS = [
    ("count", _("number of rows")), ("sum", _("sum")), ("avg", _("average")), ("count_distinct", _("number of different values")),
    ("min", _("smallest")), ("max", _("largest")), ("median", _("median")),
]  # fmt: skip
WAYS = [("agg", _("Count or add up rows of a table")), ("calc", _("Calculate from other metrics")), ("text", _("Write the definition"))]


class MetricForm(forms.Form):
    label_ko = forms.CharField(label=_("Korean name"), max_length=100)
    label_en = forms.CharField(label=_("English name"), max_length=100, required=False)
    name = forms.RegexField(r"^[A-Za-z가-힣_][\w]*$", label=_("Short name"), max_length=60, help_text=_("How other definitions refer to it: revenue, 주문수."))
    unit = forms.ChoiceField(label=_("Unit"), choices=UNITS)
    better = forms.ChoiceField(label=_("Direction"), choices=Metric.Better.choices)
    way = forms.ChoiceField(label=_("How it is made"), choices=WAYS, initial="agg")
    table = forms.ChoiceField(label=_("Table"), required=False)
    function = forms.ChoiceField(label=_("What of its rows"), choices=FUNCTIONS, required=False)
    column = forms.CharField(label=_("Column"), required=False, max_length=200, help_text=_("Not needed for the number of rows. A calculation is fine: quantity * price."),
                             widget=forms.TextInput(attrs={"list": "columns", "autocomplete": "off"}))  # fmt: skip
    where = forms.CharField(label=_("Only rows with"), required=False, max_length=1000, help_text=_("For example: status = 'paid' and amount > 0"),
                            widget=forms.Textarea(attrs={"rows": 2}))  # fmt: skip
    calc = forms.CharField(label=_("Calculation"), required=False, max_length=500, help_text=_("For example: revenue / orders"))
    text = forms.CharField(label=_("Definition"), required=False, max_length=500, help_text=_("For example: 100 * (avg(score >= 9) - avg(score <= 6))"))

    def __init__(self, *args, tables, metric=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["table"].choices = [(table.name, str(table)) for table in tables]
        if metric is not None:
            self.fields["name"].disabled = True

    def clean(self):
        data = super().clean()
        way = data.get("way")
        if way == "agg" and not data.get("table"):
            self.add_error("table", _("Choose the table whose rows are counted or added up."))
        if way == "agg" and data.get("function") != "count" and not data.get("column"):
            self.add_error("column", _("Name the column to work on."))
        if way in ("calc", "text") and not data.get(way):
            self.add_error(way, _("Write the calculation."))
        return data

    @property
    def spec(self) -> dict:
        """The definition in the metric language."""
        data = self.cleaned_data
        where = {"where": data["where"]} if data["where"] else {}
        if data["way"] == "calc":
            return {"calc": data["calc"]}
        if data["way"] == "text":
            return {"agg": data["text"], **({"from": data["table"]} if data["table"] else {}), **where}
        table, column = quoted(data["table"]), data["column"]
        if data["function"] == "count" and not column:
            return {"agg": f"count({table})", **where}
        plain = column.replace(" ", "").isalnum() or column.isidentifier()
        return {"agg": f"{data['function']}({quoted(column) if plain else column})", "from": data["table"], **where}

    @staticmethod
    def initial_of(metric: Metric) -> dict:
        """A stored metric back in the form: as a calculation, or as its written definition."""
        spec = metric.spec
        way = "calc" if "calc" in spec else "text"
        return {
            "label_ko": metric.label_ko, "label_en": metric.label_en, "name": metric.name, "unit": metric.unit, "better": metric.better,
            "way": way, "calc": spec.get("calc", ""), "text": spec.get("agg", ""), "where": spec.get("where", ""), "table": spec.get("from", ""),
        }  # fmt: skip

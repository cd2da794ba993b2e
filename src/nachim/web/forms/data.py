"""Uploading a file, saying what its columns mean, and what a table means to metrics."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from nachim.lake.mapping import RESERVED, Mapping, Role, Type
from nachim.lake.vocabulary import entity_of

UNUSED = "unused"
ROLES = {
    Role.KEY: _("key (tells rows apart)"),
    Role.TIME: _("time"),
    Role.ENTITY: _("who or what (customer, …)"),
    Role.AMOUNT: _("amount"),
    Role.DIMENSION: _("dimension (to slice by)"),
    Role.TEXT: _("text"),
    Role.NONE: _("other"),
}
TYPES = {
    Type.TEXT: _("text"),
    Type.NUMBER: _("number"),
    Type.INTEGER: _("whole number"),
    Type.TIME: _("time"),
    Type.BOOL: _("yes/no"),
}
DATE_ORDERS = [("", _("not known yet")), ("dmy", _("day/month/year")), ("mdy", _("month/day/year"))]


class UploadLimit(FileUploadHandler):
    """Stops reading a file at the limit, so that nothing too large is ever kept."""

    def __init__(self, request):
        super().__init__(request)
        self.limit, self.seen, self.exceeded = settings.UPLOAD_MAX_BYTES, 0, False

    def receive_data_chunk(self, raw_data, start):
        self.seen += len(raw_data)
        if self.seen > self.limit:
            self.exceeded = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size):
        return None


class UploadForm(forms.Form):
    file = forms.FileField(label=_("File"))
    table = forms.CharField(
        label=_("Table"),
        required=False,
        max_length=64,
        help_text=_("Leave empty for a new table named after the file."),
        widget=forms.TextInput(attrs={"list": "tables", "autocomplete": "off"}),
    )

    def __init__(self, *args, exceeded=False, **kwargs):
        super().__init__(*args, **kwargs)
        limit = {"limit": f"{settings.UPLOAD_MAX_BYTES // 2**20:,}"}
        self.fields["file"].help_text = (
            gettext("CSV, TSV, Excel (xlsx), JSON lines or Parquet, up to %(limit)s MB; gzipped is fine.") % limit
        )
        if exceeded:
            self.fields["file"].error_messages["required"] = (
                gettext(
                    "This file is larger than %(limit)s MB. Split it, or use `nachim import` on the machine itself."
                )
                % limit
            )

    def clean_table(self):
        return self.cleaned_data["table"].strip()


class RunForm(forms.Form):
    """Where the rows of a staged file go."""

    table = forms.CharField(
        label=_("Table"),
        max_length=64,
        help_text=_("Rows with a key that is already there are updated, others are added."),
        widget=forms.TextInput(attrs={"list": "tables", "autocomplete": "off"}),
    )
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    accept_drift = forms.BooleanField(
        label=_("That is right, go on. Old rows keep their values; nothing is dropped."), required=False
    )

    def __init__(self, *args, sheets=(), **kwargs):
        super().__init__(*args, **kwargs)
        if len(sheets) > 1:
            self.fields["sheet"].choices = [(name, name) for name in sheets]
        else:
            del self.fields["sheet"]

    def clean_table(self):
        return self.cleaned_data["table"].strip()


class ColumnForm(forms.Form):
    """One column of a staged file."""

    source = forms.CharField(widget=forms.HiddenInput)
    role = forms.ChoiceField(choices=[*((role.value, word) for role, word in ROLES.items()), (UNUSED, _("do not use"))])
    type = forms.ChoiceField(choices=[(kind.value, word) for kind, word in TYPES.items()])
    name = forms.CharField(max_length=100, widget=forms.TextInput(attrs={"size": 12}))
    entity = forms.CharField(required=False, max_length=40, widget=forms.TextInput(attrs={"size": 12}))
    date_order = forms.ChoiceField(required=False, choices=DATE_ORDERS)


ColumnFormSet = forms.formset_factory(ColumnForm, extra=0)
SAYS = {
    "role": _("Meaning"),
    "type": _("Type"),
    "name": _("Name in the table"),
    "entity": _("Of what"),
    "date_order": _("Order of day and month"),
}


def columns_of(mapping: dict, data=None, *, ambiguous=()) -> forms.BaseFormSet:
    """A form a column, filled from the mapping; the order of day and month is asked only where it is not plain."""
    initial = [
        {
            **{name: column.get(name) for name in ("source", "name", "entity", "type", "date_order")},
            "role": column.get("role") if column.get("keep", True) else UNUSED,
        }
        for column in mapping["columns"]
    ]
    formset = ColumnFormSet(data, initial=initial, prefix="column")
    for form in formset:
        for name, word in SAYS.items():
            form.fields[name].widget.attrs["aria-label"] = f"{form.initial.get('source', '')}: {word}"
        if form.initial.get("role") != Role.ENTITY:
            form.fields["entity"].widget = forms.HiddenInput()
        if form.initial.get("name") not in ambiguous and not form.initial.get("date_order"):
            form.fields["date_order"].widget = forms.HiddenInput()
    return formset


def mapping_from(run_mapping: dict, formset) -> Mapping:
    """The mapping people chose; ValidationError says what cannot be."""
    if len(formset.forms) != len(run_mapping["columns"]):
        raise ValidationError(gettext("This form is not of this file any more. Open the import again."))
    columns, entities = [], set()
    for form, known in zip(formset, run_mapping["columns"], strict=True):
        chosen = form.cleaned_data
        role = chosen["role"]
        kept = role != UNUSED and known["source"] not in RESERVED
        entity = None
        if role == Role.ENTITY:
            entity = chosen["entity"].strip() or entity_of(known["source"]) or "customer"
            entity = entity if entity not in entities else chosen["name"]
            entities.add(entity)
        columns.append(
            {
                **known,
                "keep": kept,
                "name": chosen["name"].strip(),
                "role": role if kept else Role.NONE,
                "entity": entity,
                "type": Type.TIME if role == Role.TIME else chosen["type"],
                "date_order": chosen["date_order"] or None,
            }
        )
    try:
        return Mapping.model_validate({**run_mapping, "columns": columns})
    except ValueError as error:
        raise ValidationError(_mapping_problem(str(error))) from error


def _mapping_problem(text: str) -> str:
    if "used twice" in text:
        return gettext("Two columns have the same name. Rename one, or leave one out.")
    if "more than one column has role time" in text:
        return gettext("Only one column can say when a row happened. Make the others plain columns.")
    if "may not be blank" in text:
        return gettext("A column's name may not be empty or begin with an underscore.")
    return gettext("These columns do not fit together: %(detail)s") % {"detail": text.splitlines()[-1]}


class TableForm(forms.Form):
    """What a table means to metrics. A compound key or a renamed lookup of a definition file stays as it is."""

    label = forms.CharField(label=_("Label"), required=False, max_length=100)
    expected_every_days = forms.IntegerField(label=_("New rows should come every … days"), min_value=1, max_value=400)
    time = forms.ChoiceField(
        label=_("Time"), required=False, help_text=_("When a row happened. Without it nothing can be shown by month.")
    )
    key = forms.ChoiceField(
        label=_("Key"),
        required=False,
        help_text=_("The column that tells rows apart; other tables look rows up by it."),
    )
    dims = forms.MultipleChoiceField(label=_("Dimensions"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, table, columns, others, **kwargs):
        super().__init__(*args, **kwargs)
        source = table.source
        own = [("", "—"), *((name, name) for name in columns)]
        times = [name for name, kind in columns.items() if kind == "time"]
        written = source.get("time")
        if written and written not in times:
            times.append(written)
        dims = list(dict.fromkeys([*columns, *source.get("dims", [])]))
        self.fields["time"].choices = [("", "—"), *((name, name) for name in times)]
        self.fields["key"].choices = own
        self.fields["dims"].choices = [(name, name) for name in dims]
        self.fields["key"].disabled = isinstance(source.get("key"), list)
        if self.fields["key"].disabled:
            self.fields["key"].help_text = ", ".join(source["key"])
        tables = [("", "—"), *((other.name, str(other)) for other in others)]
        entities = list(source.get("entities", {}).items())
        joins = [(name, *_join(name, value)) for name, value in source.get("joins", {}).items()]
        for at in range(len(entities) + 1):
            name, column = entities[at] if at < len(entities) else ("", "")
            choices = own if column in columns or not column else [*own, (column, column)]
            self.fields[f"entity_name_{at}"] = forms.CharField(
                label=_("Who or what"), required=False, max_length=40, initial=name
            )
            self.fields[f"entity_column_{at}"] = forms.ChoiceField(
                label=_("by its column"), required=False, choices=choices, initial=column
            )
        self.joins_before = joins
        for at in range(len(joins) + 1):
            _name, to, on = joins[at] if at < len(joins) else ("", "", "")
            self.fields[f"join_on_{at}"] = forms.ChoiceField(
                label=_("Look up by column"), required=False, choices=own, initial=on
            )
            self.fields[f"join_to_{at}"] = forms.ChoiceField(
                label=_("in table"), required=False, choices=tables, initial=to
            )

    def pairs(self, first: str, second: str) -> list[tuple]:
        """Bound fields two by two, for the template."""
        rows = sum(name.startswith(first) for name in self.fields)
        return [(self[f"{first}{at}"], self[f"{second}{at}"]) for at in range(rows)]

    @property
    def entities(self):
        return self.pairs("entity_name_", "entity_column_")

    @property
    def joins(self):
        return self.pairs("join_on_", "join_to_")

    def clean(self):
        data = super().clean()
        for one, other in [*self.entities, *self.joins]:
            if bool(data.get(one.name)) != bool(data.get(other.name)):
                self.add_error(other.name if data.get(one.name) else one.name, _("Both are needed, or neither."))
        return data

    def source(self, before: dict) -> dict:
        """The source as the form says it."""
        data = self.cleaned_data
        changed = {**before, "dims": data["dims"], "time": data["time"], "entities": {}, "joins": {}}
        if not self.fields["key"].disabled:
            changed["key"] = data["key"]
        for name, column in self.entities:
            if data[name.name]:
                changed["entities"][data[name.name].strip()] = data[column.name]
        names = {(to, on): name for name, to, on in self.joins_before}
        for on, to in self.joins:
            if data[to.name]:
                pair = data[to.name], data[on.name]
                name = names.get(pair, data[to.name])
                changed["joins"][name] = (
                    data[on.name] if name == data[to.name] else {"to": data[to.name], "on": data[on.name]}
                )
        return {name: value for name, value in changed.items() if value not in ({}, [], "")}


def _join(name: str, value) -> tuple[str, str]:
    return (name, value) if isinstance(value, str) else (value.get("to", name), value.get("on", ""))

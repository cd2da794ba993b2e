"""Uploading a file, saying what its columns mean, and what a table means to metrics."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from nachim.lake.mapping import Mapping, Role, Type

ROLES = {
    Role.KEY: _("key (tells rows apart)"), Role.TIME: _("time"), Role.ENTITY: _("who or what (customer, …)"), Role.AMOUNT: _("amount"),
    Role.DIMENSION: _("dimension (to slice by)"), Role.TEXT: _("text"), Role.NONE: _("other"),
}  # fmt: skip
TYPES = {Type.TEXT: _("text"), Type.NUMBER: _("number"), Type.INTEGER: _("whole number"), Type.TIME: _("time"), Type.BOOL: _("yes/no")}


class UploadForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("CSV, TSV, Excel (xlsx), JSON lines or Parquet; gzipped is fine."))
    table = forms.CharField(label=_("Table"), required=False, max_length=64, help_text=_("Leave empty for a new table named after the file."),
                            widget=forms.TextInput(attrs={"list": "tables", "autocomplete": "off"}))  # fmt: skip

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_MAX_BYTES:
            raise ValidationError(_("This file has %(size)d MB; the limit is %(limit)d MB. Split it, or use `nachim import`."), params={
                "size": file.size // 2**20, "limit": settings.UPLOAD_MAX_BYTES // 2**20})  # fmt: skip
        return file


class ColumnForm(forms.Form):
    """One column of a staged file."""

    source = forms.CharField(widget=forms.HiddenInput)
    keep = forms.BooleanField(required=False)
    name = forms.CharField(max_length=100)
    role = forms.ChoiceField(choices=[(role.value, word) for role, word in ROLES.items()])
    entity = forms.CharField(required=False, max_length=40, widget=forms.TextInput(attrs={"placeholder": "customer"}))
    type = forms.ChoiceField(choices=[(kind.value, word) for kind, word in TYPES.items()])


ColumnFormSet = forms.formset_factory(ColumnForm, extra=0)


def columns_of(mapping: dict, data=None) -> forms.BaseFormSet:
    """A form a column, filled from the mapping."""
    initial = [{name: column.get(name) for name in ("source", "keep", "name", "role", "entity", "type")} for column in mapping["columns"]]
    formset = ColumnFormSet(data, initial=initial, prefix="column")
    for form in formset:
        for name in ("keep", "name", "role", "entity", "type"):
            form.fields[name].widget.attrs["aria-label"] = f"{form.initial.get('source', '')}: {name}"
    return formset


def mapping_from(run_mapping: dict, formset) -> Mapping:
    """The mapping people chose; ValidationError says what cannot be."""
    known = {column["source"]: column for column in run_mapping["columns"]}
    columns = []
    for form in formset:
        chosen = form.cleaned_data
        role = chosen["role"]
        columns.append({
            **known[chosen["source"]], "keep": chosen["keep"], "name": chosen["name"], "role": role,
            "type": "time" if role == "time" else chosen["type"],
            "entity": (chosen["entity"] or "customer") if role == "entity" else None,
        })  # fmt: skip
    try:
        return Mapping.model_validate({**run_mapping, "columns": columns})
    except ValueError as error:
        raise ValidationError(_mapping_problem(error)) from error


def _mapping_problem(error) -> str:
    text = str(error)
    if "used twice" in text:
        return _("Two columns have the same name. Rename one, or leave one out.")
    if "more than one column has role time" in text:
        return _("Only one column can say when a row happened. Make the others plain columns.")
    return _("This mapping cannot be: %(detail)s") % {"detail": text.splitlines()[-1]}


class TableForm(forms.Form):
    label = forms.CharField(label=_("Label"), required=False, max_length=100)
    expected_every_days = forms.IntegerField(label=_("New rows should come every … days"), min_value=1, max_value=400)
    time = forms.ChoiceField(label=_("Time"), required=False)
    key = forms.ChoiceField(label=_("Key"), required=False, help_text=_("The column that tells rows apart; other tables look rows up by it."))
    dims = forms.MultipleChoiceField(label=_("Dimensions"), required=False, widget=forms.CheckboxSelectMultiple)
    join_on = forms.ChoiceField(label=_("Look up by column"), required=False)
    join_to = forms.ChoiceField(label=_("in table"), required=False, help_text=_("Each row here belongs to one row there, by its key."))

    def __init__(self, *args, table, columns, others, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [(name, name) for name in columns]
        self.fields["time"].choices = [("", "—"), *[(name, name) for name, kind in columns.items() if kind == "time"]]
        self.fields["key"].choices = self.fields["join_on"].choices = [("", "—"), *choices]
        self.fields["dims"].choices = choices + [(dim, dim) for dim in table.source.get("dims", []) if dim not in columns]
        self.fields["join_to"].choices = [("", "—"), *[(other.name, str(other)) for other in others]]

    def clean(self):
        data = super().clean()
        if bool(data.get("join_on")) != bool(data.get("join_to")):
            raise ValidationError(_("A lookup needs both the column here and the table it looks in."))
        return data

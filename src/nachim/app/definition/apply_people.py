"""Apply what a file says of teams, of what drives what, of key results and of sheets."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from nachim.app.actions import drivers, mbo, okr, teams
from nachim.app.definition.form import DriverForm, KeyResultForm, SheetForm, TeamForm
from nachim.app.definition.plan import Step
from nachim.app.models import DriverEdge, Goal, KeyResult, Kpi, Metric, Sheet, SheetVersion, Team, User
from nachim.metrics.messages import nearest


def owner(email: str) -> User | None:
    """The person of this address; nobody for an empty one."""
    if not email:
        return None
    user = User.objects.filter(email=email, membership__isnull=False).first()
    if user is None:
        raise ValidationError(_("Nobody here has the address %(email)s. Add them under people.") % {"email": email})
    return user


def teams_named(names: list[str]) -> list[Team]:
    return [_team(name) for name in names]


def team(actor, form: TeamForm, step: Step) -> None:
    fields = form.model_dump(include={"name", *step.fields} & {"name", "label", "function"})
    if "slice" in step.fields:
        fields["slice"] = form.slice
    if "lead" in step.fields:
        fields["lead"] = owner(form.lead)
    if "parent" in step.fields:
        fields["parent"] = _team(form.parent) if form.parent else None
    if "members" in step.fields:
        fields["members"] = [owner(email) for email in form.members]
    teams.save_team(actor, Team.objects.filter(name=form.name).first(), archived_at=None, **fields)


def driver(actor, form: DriverForm, position: int) -> None:
    whole, part = _metric(form.whole), _metric(form.part)
    known = DriverEdge.objects.filter(whole=whole, part=part).first()
    fields = form.model_dump(exclude={"whole", "part"}, exclude_unset=known is not None)
    drivers.save_edge(actor, whole, part, **fields, **({} if known else {"position": position}))


def key_result(actor, goal: str, form: KeyResultForm, step: Step) -> None:
    known = KeyResult.objects.filter(name=form.name).first()
    fields = form.model_dump(include={"name", *step.fields} & {"name", "label", "weight"})
    if "owner" in step.fields:
        fields["owner"] = owner(form.owner)
    if "kpi" in step.fields:
        fields["kpi"] = _kpi(form.kpi) if form.kpi else None
    made = okr.save_key_result(actor, known, goal=Goal.objects.get(name=goal), archived_at=None, **fields)
    # What was said is never unsaid: only what is new is added.
    said = {(one.day, one.confidence, one.progress, one.note) for one in made.check_ins.all()}
    for one in form.check_ins:
        if (one.day, one.confidence, one.progress, one.note) not in said:
            okr.check_in(actor, made, **one.model_dump())


def sheet(actor, form: SheetForm) -> None:
    known = Sheet.objects.filter(name=form.name).first()
    if known is None:
        known = mbo.open_sheet(
            actor, person=owner(form.person), lead=owner(form.lead), start=form.start, due=form.due, name=form.name
        )
    have = [(one.items, one.state) for one in reversed(known.versions.all())]
    for at, version in enumerate(form.versions):
        items = [item.model_dump() for item in version.items]
        if at < len(have) and have[at] == (items, version.state):
            continue
        if at < len(have):
            raise ValidationError(_(
                "Version %(n)d of the sheet differs from the one here. A file adds versions and changes none."
            ) % {"n": at + 1})  # fmt: skip
        mbo.restore_version(
            actor, known, items=items, reason=version.reason, state=SheetVersion.State(version.state),
            answer=version.answer, decided_by=owner(version.decided_by), decided_at=version.decided_at,
        )  # fmt: skip


def _team(name: str) -> Team:
    return _named(Team, name, _("There is no team “%(name)s”."))


def _metric(name: str) -> Metric:
    return _named(Metric, name, _("There is no metric “%(name)s”."))


def _kpi(name: str) -> Kpi:
    return _named(Kpi, name, _("There is no KPI “%(name)s”."))


def _named(model, name: str, missing: str):
    found = model.objects.filter(name=name).first()
    if found is None:
        close = nearest(name, list(model.objects.values_list("name", flat=True)))
        near = " " + _("Did you mean “%(name)s”?") % {"name": close} if close else ""
        raise ValidationError(missing % {"name": name} + near)
    return found

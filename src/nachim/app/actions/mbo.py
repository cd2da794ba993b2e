"""Sheets of agreed goals: proposed by the person or the lead, agreed by the lead, changed only with a reason."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app import audit, policy
from nachim.app.actions.goals import free_name
from nachim.app.actions.revisions import author
from nachim.app.language import spoken
from nachim.app.models import Kpi, Sheet, SheetVersion, User
from nachim.core.rollup import check_weights

FIELDS = ("name", "person_id", "lead_id", "start", "due")


@transaction.atomic
def open_sheet(actor, *, person: User, lead: User, start: date, due: date, name: str = "") -> Sheet:
    """A new sheet for a person, with nothing agreed yet."""
    sheet = Sheet(person=person, lead=lead, start=start, due=due)
    policy.require(actor, "sheet.edit", sheet)
    if due <= start:
        raise ValidationError({"due": _("The due date has to come after the start.")})
    if lead == person:
        raise ValidationError({"lead": _("Nobody approves their own sheet. Choose another lead.")})
    sheet.name = name or free_name(Sheet, f"{person.name}-{start:%Y-%m}")
    sheet.save()
    audit.record(actor, "sheet.create", sheet, after=audit.fields(sheet, *FIELDS), topics=("sheets",))
    return sheet


@transaction.atomic
def propose(actor, sheet: Sheet, items: list[dict], *, reason: str = "") -> SheetVersion:
    """Propose what the sheet should say; it holds once the lead agrees. `items`: [{kpi, label, aim, weight}].

    After something was agreed a change needs a reason. A proposal that still waits is replaced by the new one.
    """
    policy.require(actor, "sheet.edit", sheet)
    items = _sound(items)
    last = sheet.versions.first()
    agreed = sheet.versions.filter(state=SheetVersion.State.AGREED).first()
    if last is not None and last.items == items and last.state != SheetVersion.State.DECLINED:
        return last
    if agreed is not None and not reason.strip():
        raise ValidationError({"reason": _("Say in a few words why it changes; what was agreed stays beside it.")})
    if last is not None and last.state == SheetVersion.State.PROPOSED:
        _decided(last, SheetVersion.State.DECLINED, author(actor), _("Replaced by a newer proposal."))
    made = SheetVersion.objects.create(
        sheet=sheet, version=last.version + 1 if last else 1, items=items, reason=reason.strip(), author=author(actor)
    )
    audit.record(
        actor, "sheet.propose", sheet, before=agreed and {"items": agreed.items},
        after={"items": items, "reason": made.reason}, topics=("sheets",),
    )  # fmt: skip
    return made


@transaction.atomic
def decide(actor, version: SheetVersion, *, agree: bool, answer: str = "") -> None:
    """The lead agrees to a proposal, or declines it and says why."""
    policy.require(actor, "sheet.approve", version.sheet)
    if version.state != SheetVersion.State.PROPOSED:
        raise ValidationError(_("This proposal was decided already."))
    if not agree and not answer.strip():
        raise ValidationError({"answer": _("Say what should be different.")})
    state = SheetVersion.State.AGREED if agree else SheetVersion.State.DECLINED
    _decided(version, state, author(actor), answer)
    audit.record(
        actor, "sheet.agree" if agree else "sheet.decline", version.sheet,
        after={"version": version.version, "answer": version.answer}, topics=("sheets",),
    )  # fmt: skip


@transaction.atomic
def restore_version(
    actor,
    sheet: Sheet,
    *,
    items: list[dict],
    reason: str,
    state: str,
    answer: str = "",
    decided_by: User | None = None,
    decided_at: datetime | None = None,
) -> SheetVersion:
    """A version as a definition file tells of it, its decision too."""
    policy.require(actor, "definition.apply")
    last = sheet.versions.first()
    made = SheetVersion.objects.create(
        sheet=sheet, version=last.version + 1 if last else 1, items=_sound(items), reason=reason, state=state,
        answer=answer, decided_by=decided_by, decided_at=decided_at,
    )  # fmt: skip
    audit.record(actor, "sheet.restore", sheet, after={"items": made.items, "state": state}, topics=("sheets",))
    return made


def _decided(version: SheetVersion, state: str, who: User | None, answer: str) -> None:
    version.state, version.decided_by, version.decided_at = state, who, timezone.now()
    version.answer = answer.strip()
    version.save(update_fields=["state", "decided_by", "decided_at", "answer"])


def _sound(items: list[dict]) -> list[dict]:
    """The items with every field; refused where weights do not sum to 100 or an item says nothing."""
    sound = []
    for item in items:
        kpi = Kpi.objects.filter(name=item.get("kpi") or "").first()
        if item.get("kpi") and kpi is None:
            raise ValidationError(_("There is no KPI “%(name)s”.") % {"name": item["kpi"]})
        label = (item.get("label") or "").strip()
        if kpi is None and not label:
            raise ValidationError(_("Every line needs a goal in words or a KPI."))
        sound.append({
            "kpi": kpi.name if kpi else "", "label": label, "aim": (item.get("aim") or "").strip(),
            "weight": item.get("weight") or 0,
        })  # fmt: skip
    if not sound:
        raise ValidationError(_("A sheet needs at least one goal."))
    wrong, _doubts = check_weights([(item["label"] or item["kpi"], item["weight"]) for item in sound])
    if wrong:
        raise ValidationError([said.text(spoken()) for said in wrong])
    return sound

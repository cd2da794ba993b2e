"""What a person sees: which teams, and which rows. Worked out once a person; `policy.visible` applies it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from nachim.app.models import Role, Series, Team, TeamMember, User

CONFINED = (Role.LEAD, Role.MEMBER)
WHOLE = ("", "")
Own = tuple[str, str]


@dataclass(frozen=True)
class Sight:
    """`teams`: those in reach, `led`: those the person leads, both with the teams below; `slices`: the rows their own
    teams carry, none for all rows. `wide`: the whole company, whatever the rest says."""

    wide: bool
    user: User | None = None
    teams: frozenset[int] = frozenset()
    led: frozenset[int] = frozenset()
    slices: tuple[Mapping[str, str], ...] = ()

    @property
    def narrow(self) -> bool:
        """Whether only some rows are seen."""
        return not self.wide and bool(self.slices)

    def part(self, series: Series) -> Own | None:
        """Which observations of a series are this person's: WHOLE, those of one (dimension, value), or None at all."""
        if not self.narrow:
            return WHOLE
        if self.inside(series.slice):
            return WHOLE
        fitting = [one for one in self.slices if fits(series.slice, one)]
        cut = [{dim: value for dim, value in one.items() if dim in series.dims} for one in fitting]
        cut = [one for one in cut if one]
        if not cut:
            return WHOLE if fitting else None
        first = cut[0]
        return next(iter(first.items())) if len(first) == 1 and all(one == first for one in cut) else None

    def values(self, series: Series, dim: str) -> frozenset[str] | None:
        """The values of a dimension whose parts are seen; None for all of them."""
        if not self.narrow or self.inside(series.slice):
            return None
        cut = [{name: value for name, value in one.items() if name in series.dims}
               for one in self.slices if fits(series.slice, one)]  # fmt: skip
        if cut and not any(cut):
            return None
        return frozenset(one[dim] for one in cut if set(one) == {dim})

    def inside(self, slice_: Mapping[str, str]) -> bool:
        """Whether everything of a slice lies within one of the person's."""
        return any(all(slice_.get(dim) == value for dim, value in one.items()) for one in self.slices)

    def fits(self, slice_: Mapping[str, str]) -> bool:
        """Whether some of a slice may be the person's."""
        return not self.narrow or any(fits(slice_, one) for one in self.slices)


EVERYTHING = Sight(wide=True)


def fits(slice_: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two slices may have rows in common."""
    return all(slice_.get(dim, value) == value for dim, value in other.items())


def sight_of(user: User) -> Sight:
    """The sight of a member of the company; kept on the person for as long as a request holds them."""
    known = user.__dict__.get("_sight")
    if known is None:
        known = user.__dict__["_sight"] = _worked_out(user)
    return known


def _worked_out(user: User) -> Sight:
    membership = user.membership
    if membership.role not in CONFINED and not (membership.role == Role.VIEWER and membership.confined):
        return Sight(wide=True, user=user)
    teams = {team.pk: team for team in Team.objects.filter(archived_at=None)}
    led = {pk for pk, team in teams.items() if team.lead_id == user.pk}
    own = led | {pk for pk in TeamMember.on().filter(user=user).values_list("team_id", flat=True) if pk in teams}
    slices = [slice_ for pk in sorted(own) if (slice_ := slice_of(teams[pk], teams))]
    distinct = tuple(slice_ for at, slice_ in enumerate(slices) if slice_ not in slices[:at])
    return Sight(False, user, below(own, teams.values()), below(led, teams.values()), distinct)


def slice_of(team: Team, teams: Mapping[int, Team]) -> dict[str, str]:
    """A team's slice with what it inherits; the nearest team decides a dimension."""
    found: dict[str, str] = {}
    seen: set[int] = set()
    at: Team | None = team
    while at is not None and at.pk not in seen:
        seen.add(at.pk)
        found = {**at.slice, **found}
        at = teams.get(at.parent_id or 0)
    return found


def below(own: Iterable[int], teams: Iterable[Team]) -> frozenset[int]:
    """Teams with all that lie below them."""
    found, teams = set(own), list(teams)
    while more := {team.pk for team in teams if team.parent_id in found} - found:
        found |= more
    return frozenset(found)


def observed(sight: Sight, series: Iterable[Series]) -> Q:
    """The condition on observations of these series."""
    whole, condition = [], Q(pk__in=())
    for one in series:
        part = sight.part(one)
        if part == WHOLE:
            whole.append(one.pk)
            continue
        for dim in one.dims:
            for value in sight.values(one, dim) or ():
                condition |= Q(series=one, dim=dim, part=value)
    return condition | Q(series__in=whole)

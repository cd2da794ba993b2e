"""The odds in sentences."""

from django.utils.translation import gettext as _

from nachim.analysis.odds import Outlook
from nachim.app.language import spoken
from nachim.core.number import format_odds, format_value


def percent(p: float) -> str:
    """Odds as people read them: never a certain 0 or 100."""
    return format_odds(p, spoken())


def odds_text(said: Outlook | None, *, withheld: bool = False) -> str:
    """“Odds 62 % (54 to 70 %)”, or that nobody can know, with the reason."""
    if said is None:
        return ""
    if withheld:
        return _("Nobody can know: earlier odds of this frequency did not keep their word.")
    if said.p is None:
        reason = said.refusal.sentence(spoken()) if said.refusal else ""
        return _("Nobody can know: %(reason)s") % {"reason": reason}
    low, high = percent(said.low), percent(said.high)
    width = "" if low == high else f" ({low}–{high})"
    return _("Odds %(odds)s") % {"odds": percent(said.p)} + width


def needed_text(said: Outlook | None, over: str, unit: str, left: int) -> str:
    """What each remaining period has to bring, beside what the last ones brought."""
    if said is None or said.needed is None or said.recent != said.recent:
        return ""
    facts = {
        "needed": format_value(said.needed, unit, spoken()), "recent": format_value(said.recent, unit, spoken()),
        "n": left,
    }  # fmt: skip
    if over in ("sum", "average"):
        return _("The %(n)d periods left have to bring %(needed)s each; the last ones brought %(recent)s.") % facts
    if over == "last":
        return _("The last of %(n)d periods has to bring %(needed)s; lately it was %(recent)s.") % facts
    return _("Each of the %(n)d periods left has to bring %(needed)s; the last ones brought %(recent)s.") % facts

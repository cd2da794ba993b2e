"""The simulated companies against what is planted in them: found / planted, days to find, named, false a week.

Each company is looked at as its days go by: in stretches of four weeks, with thresholds from the days before. A planted
story is found when one of its metrics (or one that is called alike) stands out within it, in the planted direction; it
is named when its segment is among those that stood out.
Whatever lies in no story, and not within five weeks after one, is counted as false.

    bench_findings.py [COMPANY …] [--seeds N] [--first SEED]
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import yaml
from scipy.stats import chi2

from nachim.analysis.funnel import wilson

os.environ["NACHIM_HOME"] = tempfile.mkdtemp(prefix="nachim-bench-")
os.environ["DJANGO_SETTINGS_MODULE"] = "nachim.web.settings"
BEFORE, AFTER = timedelta(days=5), timedelta(days=35)
STRETCH, WARM = timedelta(days=28), timedelta(days=180)
DRAWN = 4  # sightings of a story, the earliest, whose findings are written out
# By what the truths say should be done: plays of which one has to be offered.
RIGHT = {
    "member_push": {"first-order-coupon", "second-order-offer"}, "cart_gap": set(), "bot_traffic": {"bot-filter"},
    "free_shipping": {"free-shipping-threshold"}, "delivery_delay": {"late-delivery"}, "loyalty": {"loyalty-programme"},
    "outer_returns": {"size-guide"}, "checkout_bug": {"release-rollback"}, "coupon_campaign": {"coupon-limit"},
    "invite_push": {"second-order-offer"}, "rider_shortage": {"late-delivery", "peak-hour-staff"},
    "rainy_coupons": {"coupon-limit"}, "guide_dropped": {"onboarding"}, "price_rise": {"pricing"},
    "sync_outage": {"tell-customers"}, "staff_explains": {"programme-awareness"}, "cake_set": {"menu-bundles"},
    "barista_gone": {"peak-hour-staff"},
}  # fmt: skip


def opened(name, seed):
    """A company's tables and definition in a home of its own; the binder, its first day and its today."""
    from django.core.management import call_command

    from nachim.app import language, policy
    from nachim.app.definition.apply import apply
    from nachim.app.definition.form import read
    from nachim.demo.company import DAYS, company
    from nachim.demo.definition import definition
    from nachim.demo.run import put

    home = tempfile.mkdtemp(prefix=f"nachim-bench-{name}-")
    os.environ["NACHIM_HOME"] = home
    from django.conf import settings
    from django.db import connection

    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = str(Path(home) / "app.db")
    call_command("migrate", verbosity=0)
    today = date(2026, 11, 24)
    start = today - timedelta(days=DAYS)
    made = company(name)
    for table, rows in made.generate(start, today, seed).items():
        put(made, table, rows)
    apply(policy.SYSTEM, read(definition(start, today, name), f"{name}.yaml"))
    return language.model(), start, today


def story(truth, start):
    first = start + timedelta(days=truth["first"])
    return first, first + timedelta(days=truth["days"]) if truth["days"] else first + AFTER


def look(name, seed):
    from nachim.app import watch
    from nachim.app.actions import findings
    from nachim.app.engines import opened as engines
    from nachim.app.lines import lines as watched
    from nachim.app.models import Metric
    from nachim.demo import company as companies
    from nachim.metrics.bind import Binder
    from nachim.metrics.engine import Pinned

    began = time.perf_counter()
    model, start, today = opened(name, seed)
    truths = [one for one in yaml.safe_load((Path(companies.__file__).parent / "truths.yaml").read_text("utf-8"))
              if one["company"] == name and one["first"] >= WARM.days]  # fmt: skip
    made, now = time.perf_counter(), datetime(2026, 11, 24, tzinfo=UTC)
    with engines() as engine:
        binder = Binder(model, Pinned(engine))
        lines = watched(binder, list(model.metrics), start, today, now)
        seen, faults, judged = [], [], start + WARM
        while judged < today:
            end = judged + STRETCH
            shown = [one.until(end) for one in lines]
            some, broken = watch.sightings([one for one in shown if one.values], judged)
            seen += [one for one in some if judged <= one.episode.noticed < end]
            faults += broken
            judged = end
        sighted = time.perf_counter()
        found, used = [], set()
        metrics = {one.name: one for one in Metric.objects.all()}
        for truth in truths:
            first, last = story(truth, start)
            near = sorted(((day, part, one) for one in seen for part, day in parts(one, truth)
                           if first <= day <= last + BEFORE), key=lambda each: each[0])  # fmt: skip
            used |= {at for at, one in enumerate(seen) if first - BEFORE <= one.episode.noticed <= last + AFTER}
            lost = [one for one in faults if one.first <= last and one.last >= first]
            if truth["driver"] == "data fault" and lost:
                found.append((truth, 0, True, True))
                continue
            wheres = {str(value) for show in truth["shows"] for values in show["where"].values()
                      for value in (values if isinstance(values, list) else [values])}  # fmt: skip
            said = {value for _day, part, _one in near for _dim, value in part}
            written = list(dict.fromkeys(one for _day, _part, one in near))[:DRAWN]
            offered = {play for one in written for play in plays(findings.drafted(binder, metrics, one, now)[0])}
            days = (near[0][0] - first).days if near else None
            named = bool(near) and (not wheres or bool(wheres & said))
            found.append((truth, days, named, bool(offered & RIGHT[truth["id"]])))
    # Only the days that belong to no story count, on both sides of the fraction.
    days = [start + WARM + timedelta(days=at) for at in range((today - start - WARM).days)]
    spans = [story(truth, start) for truth in truths]
    weeks = sum(not any(first - BEFORE <= day <= last + AFTER for first, last in spans) for day in days) / 7
    false = len(seen) - len(used)
    print(f"{name} (seed {seed}): {len(lines)} series; made {made - began:.0f} s, looked {sighted - made:.0f} s")
    for truth, days, named, offered in found:
        how = (
            "not found"
            if days is None
            else f"after {days} days{', named' if named else ''}{', right answer' if offered else ''}"
        )
        print(f"  {truth['id']:16} {how}")
    print(f"  outside of stories {false} in {weeks:.0f} weeks: {false / weeks:.2f} a week (budget {watch.BUDGET})")
    return found, false, weeks


def parts(sighting, truth):
    """The slices over which a story is seen in a sighting, and when that was noticed: of one of its metrics, or of one
    that a company names alike (delivery_days and delivery_time), in the planted direction, in the planted segment or
    as a whole."""
    own = sighting.episode
    moved = [(sighting.metric, part, own.up, own.noticed) for part in (sighting.slice, *sighting.others)]
    moved += [(one.metric, one.slice, one.up, one.noticed) for one in sighting.also]
    seen = []
    for show in truth["shows"]:
        sign = show.get("change", show.get("shift"))
        wheres = [{str(one) for one in (some if isinstance(some, list) else [some])} for some in show["where"].values()]
        for name, part, up, noticed in moved:
            alike = name.split("_")[0] == show["metric"].split("_")[0] and (sign is None or (sign > 0) == up)
            if alike and (not part or all(some & {value for _dim, value in part} for some in wheres)):
                seen.append((part, noticed))
    return seen


def plays(finding):
    from nachim.catalog.playbook import playbook

    answer = playbook().answers.get(finding.answer)
    return answer.plays if answer else ()


def main():
    from nachim.demo.company import MODULES, SEED

    said = argparse.ArgumentParser()
    said.add_argument("companies", nargs="*", default=["store"])
    said.add_argument("--seeds", type=int, default=1)
    said.add_argument("--first", type=int, default=SEED)
    asked = said.parse_args()
    names = list(MODULES) if asked.companies == ["all"] else asked.companies
    import django

    django.setup()
    every = [look(name, asked.first + at) for name in names for at in range(asked.seeds)]
    found = [one for some, _false, _weeks in every for one in some]
    days = [one[1] for one in found if one[1] is not None]
    middle, most = (statistics.median(days), max(days)) if days else ("—", "—")
    false = sum(one[1] for one in every) / sum(one[2] for one in every)
    named, offered = sum(one[2] for one in found), sum(one[3] for one in found)
    low, high = wilson(len(days), len(found)) if found else (0.0, 1.0)
    print(f"found {len(days)} / {len(found)} planted ({low:.2f}–{high:.2f}), named {named}, right answer {offered}")
    count, weeks = sum(one[1] for one in every), sum(one[2] for one in every)
    least, best = (chi2.ppf(0.025, 2 * count) / 2 if count else 0.0), chi2.ppf(0.975, 2 * count + 2) / 2
    print(f"days to find: median {middle}, most {most}; outside of stories {false:.2f} a week "
          f"({least / weeks:.2f}–{best / weeks:.2f})")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The simulated companies against what is planted in them: found / planted, days to find, named, false a week.

Each company is looked at as its days go by: in stretches of four weeks, with thresholds from the days before. A planted
story is found when one of its metrics (or one that is called alike) stands out within it, in the planted direction; it
is named when its segment is among those that stood out.
Whatever lies in no story, and not within five weeks after one, is counted as false.

    bench_findings.py [COMPANY …] [--seeds N]
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

os.environ["NACHIM_HOME"] = tempfile.mkdtemp(prefix="nachim-bench-")
os.environ["DJANGO_SETTINGS_MODULE"] = "nachim.web.settings"
BEFORE, AFTER = timedelta(days=5), timedelta(days=35)
STRETCH, WARM = timedelta(days=28), timedelta(days=180)


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
    from nachim.app.engines import opened as engines
    from nachim.catalog.playbook import playbook
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
        lines = watch.lines(binder, list(model.metrics), start, today, now)
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
        for truth in truths:
            first, last = story(truth, start)
            near = [(at, one) for at, one in enumerate(seen)
                    if first <= one.episode.noticed <= last + BEFORE and shown_in(one, truth)]  # fmt: skip
            used |= {at for at, one in enumerate(seen) if first - BEFORE <= one.episode.noticed <= last + AFTER}
            lost = [one for one in faults if one.first <= last and one.last >= first]
            if truth["driver"] == "data fault" and lost:
                found.append((truth, 0, True, True))
                continue
            if not near:
                found.append((truth, None, False, False))
                continue
            days = min((one.episode.noticed - first).days for _at, one in near)
            wheres = [value for show in truth["shows"] for values in show["where"].values()
                      for value in (values if isinstance(values, list) else [values])]  # fmt: skip
            said, offered = set(), False
            for _at, one in near:
                said |= {value for _dim, value in one.slice} | {value for part in one.others for _dim, value in part}
                worse = (model.metrics[one.metric].better == "up") != one.episode.up
                label = (model.metrics[one.metric].label or {}).get("ko", "")
                drivers = [dim for dim, _value in one.slice]
                move = "worse" if worse else "better"
                offered |= playbook().answer(one.metric, label=label, move=move, drivers=drivers) is not None
            found.append((truth, max(days, 0), not wheres or bool(said & {str(one) for one in wheres}), offered))
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
            else f"after {days} days{', named' if named else ''}{', answer' if offered else ''}"
        )
        print(f"  {truth['id']:16} {how}")
    print(f"  outside of stories {false} in {weeks:.0f} weeks: {false / weeks:.2f} a week (budget {watch.BUDGET})")
    return found, false, weeks


def shown_in(sighting, truth):
    """Whether a story's own metrics, or those that a company names alike (delivery_days and delivery_time), are among
    what stood out, in the planted direction."""
    moved = [(sighting.metric, sighting.episode.up), *sighting.also]
    signs = [(one["metric"].split("_")[0], one.get("change", one.get("shift"))) for one in truth["shows"]]
    return any(name.split("_")[0] == metric and (sign is None or (sign > 0) == up)
               for name, up in moved for metric, sign in signs)  # fmt: skip


def main():
    from nachim.demo.company import MODULES, SEED

    said = argparse.ArgumentParser()
    said.add_argument("companies", nargs="*", default=["store"])
    said.add_argument("--seeds", type=int, default=1)
    asked = said.parse_args()
    names = list(MODULES) if asked.companies == ["all"] else asked.companies
    import django

    django.setup()
    every = [look(name, SEED + at) for name in names for at in range(asked.seeds)]
    found = [one for some, _false, _weeks in every for one in some]
    days = [one[1] for one in found if one[1] is not None]
    middle, most = (statistics.median(days), max(days)) if days else ("—", "—")
    false = sum(one[1] for one in every) / sum(one[2] for one in every)
    named, offered = sum(one[2] for one in found), sum(one[3] for one in found)
    print(f"found {len(days)} / {len(found)} planted, named {named}, answered {offered}")
    print(f"days to find: median {middle}, most {most}; outside of stories {false:.2f} a week")
    return 0


if __name__ == "__main__":
    sys.exit(main())

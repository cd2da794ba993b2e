"""The catalogue as a page of the documentation: `python -m nachim.catalog.page > docs/catalogue.md`."""

from __future__ import annotations

from nachim.catalog.entries import Entry, catalogue
from nachim.catalog.templates import Template, templates
from nachim.core.number import format_value

HEAD = """# The KPI catalogue

Made from `src/nachim/catalog/*.yaml` by `python -m nachim.catalog.page`; change it there. Each KPI is defined on the
standard tables at the end; a company's own tables are recognised by their names, headers and roles, and the definition
is written for them. *Metrics → KPI catalogue* shows which of them the tables carry and adds one with a
click; a KPI of paired events (conversion, retention, reorders) brings its pairing along.

지표마다 무엇을 뜻하는지, 어떻게 계산하는지, 어떻게 속기 쉬운지 적었습니다. ↑는 높을수록, ↓는 낮을수록 좋습니다.
“같이 볼 지표”의 ≥는 떨어지면 안 되는 것, ≤는 오르면 안 되는 것입니다.
지금 데이터로 잴 수 있는 것은 *지표 → KPI 카탈로그*에서 한 번에 추가합니다.
"""
LEVELS = {"strategic": "전략", "operational": "운영", "functional": "부서"}
TIMINGS = {"leading": "선행", "lagging": "후행"}
KINDS = {"industry": ("업종", "Industries"), "team": ("팀", "Teams"), "stage": ("단계", "Stages")}


def page() -> str:
    """The whole page, as Markdown."""
    known = catalogue()
    parts = [HEAD, "## 지표 · KPIs", *(_entry(one) for one in known.entries.values()), "## 시작 틀 · Templates"]
    for kind, (ko, en) in KINDS.items():
        parts += [f"### {ko} · {en}", *(_template(one) for one in templates(kind).values())]
    parts.append("## 표준 표 · Standard tables\n")
    rows = ["| table | | columns |", "|---|---|---|"]
    for table in known.tables.values():
        columns = ", ".join(f"`{name}` {table.column_label(name).ko}" for name in table.columns)
        rows.append(f"| `{table.name}` | {table.label.ko} · {table.label.en} | {columns} |")
    return "\n\n".join(part.strip("\n") for part in [*parts, "\n".join(rows)]) + "\n"


def _entry(one: Entry) -> str:
    arrow = "↑" if one.better == "up" else "↓"
    kind = [LEVELS[one.level], one.function or "", TIMINGS[one.timing], one.unit, arrow]
    lines = [
        f"### {one.label.ko} · {one.label.en}",
        f"`{one.name}` · {' · '.join(part for part in kind if part)}\n",
        f"{one.about.ko} {one.about.en}\n",
        f"- **계산 · Formula**: {one.formula.ko} · {one.formula.en}",
        f"- **함정 · Trap**: {one.trap.ko} {one.trap.en}",
        f"- **같이 볼 지표 · Companions**: {_companions(one)}",
    ]
    if one.vanity:
        better = ", ".join(f"`{name}`" for name in one.vanity.instead)
        lines.append(f"- **허영 지표 · Vanity**: {one.vanity.why.ko} {one.vanity.why.en} → {better}")
    return "\n".join(lines)


def _companions(one: Entry) -> str:
    labels = {name: entry.label.ko for name, entry in catalogue().entries.items()}
    marks = {"min": "≥", "max": "≤"}
    return ", ".join(f"{labels[other.metric]} {marks[other.bound]} (`{other.metric}`)" for other in one.companions)


def _template(one: Template) -> str:
    known = catalogue().entries
    labels = {name: entry.label.ko for name, entry in known.items()}
    lines = [f"**{one.label.ko} · {one.label.en}** (`{one.name}`): {one.about.ko} {one.about.en}\n"]
    for goal in one.goals:
        kpis = ", ".join(f"{labels[kpi.metric]} (`{kpi.metric}`)" for kpi in goal.kpis)
        lines.append(f"- {goal.title.ko} · {goal.title.en}: {kpis}")
    for sign in one.signs:
        least, most = (format_value(bound, known[sign.metric].unit) for bound in (sign.least, sign.most))
        bound = f"≥ {least}" if sign.least is not None else f"≤ {most}"
        running = f"{sign.months}개월 내리 · {sign.months} months running"
        lines.append(f"- 이때를 알리는 것 · Shown by: {labels[sign.metric]} {bound}, {running}")
    for step in one.successions:
        lines.append(f"- {labels[step.retire]} → {labels[step.adopt]}: {step.why.ko} {step.why.en}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(page(), end="")

"""Why a score is refused, why a method is proposed, and what each method is, in Korean and English."""

from __future__ import annotations

REFUSALS: dict[str, tuple[str, str]] = {
    "ratio_down": (
        "낮을수록 좋은 지표를 실적 ÷ 목표로 나누면 나쁠수록 점수가 커집니다.",
        "Where less is better, actual ÷ target grows as things get worse.",
    ),
    "inverse_up": (
        "목표 ÷ 실적은 낮을수록 좋은 지표에만 씁니다.",
        "Target ÷ actual is only for metrics where less is better.",
    ),
    "linear_up": (
        "2 − 실적 ÷ 목표는 낮을수록 좋은 지표에만 씁니다.",
        "2 − actual ÷ target is only for metrics where less is better.",
    ),
    "ratio_zero": (
        "목표가 0이면 나눌 수 없어 달성률이 없습니다.",
        "With a target of zero there is nothing to divide by, so no percentage.",
    ),
    "ratio_negative": (
        "목표가 음수이면 나눈 값의 부호가 뒤집혀, 나빠질수록 점수가 커집니다.",
        "With a negative target the quotient turns its sign: worse would score higher.",
    ),
    "scaled_zero": (
        "목표가 0이면 |목표|로 나눌 수 없고, 편차를 그대로 쓰면 점수가 단위에 따라 달라집니다.",
        "With a target of zero |target| divides nothing, and the bare difference would depend on the unit.",
    ),
    "no_baseline": (
        "출발점(기준값)이 없어 얼마나 왔는지 말할 수 없습니다.",
        "Without a baseline nobody can tell how far it has come.",
    ),
    "no_bands": (
        "구간 채점에는 최소(threshold)와, 되도록 도전(stretch)도 필요합니다. 둘을 적거나",
        "Bands need a threshold, and better a stretch too. Give them, or",
    ),
    "misfit": (
        "이 채점 방법은 이 종류의 목표에 쓸 수 없습니다.",
        "This method does not belong to this kind of target.",
    ),
    "unknown_step": (
        "목표에 없는 단계가 끝났다고 적혀 있습니다. 단계 이름을 확인하세요.",
        "A step is reported that the target does not have. Check its name.",
    ),
    "step_twice": (
        "한 단계가 두 번 적혀 있습니다. 하나만 남기세요.",
        "A step is reported twice. Leave one of them.",
    ),
    "partial": (
        "이 목표는 부분 인정을 정하지 않았습니다. 끝난 단계만 적거나 partial: true로 정하세요.",
        "This target gives no credit in part. Report finished steps only, or declare partial: true.",
    ),
}

REASONS: dict[str, tuple[str, str]] = {
    "up": (
        "높을수록 좋고 목표가 0보다 크며 출발점이 없어, 실적을 목표로 나눕니다.",
        "More is better, the target is above zero and there is no baseline: actual ÷ target.",
    ),
    "down": (
        "낮을수록 좋은 지표라 2 − 실적 ÷ 목표를 씁니다. 목표 ÷ 실적과 달리 0 근처에서 튀지 않습니다.",
        "Less is better: 2 − actual ÷ target, which does not explode near zero as target ÷ actual does.",
    ),
    "progress": (
        "출발점이 있어, 출발점에서 목표까지 온 몫으로 봅니다.",
        "There is a baseline: the share of the way from it to the target.",
    ),
    "zero": (
        "목표가 0이라 퍼센트가 없습니다. 최소·목표·도전 구간으로 채점하세요.",
        "The target is zero, so there is no percentage: score by bands.",
    ),
    "negative": (
        "목표가 음수라 나누면 부호가 뒤집힙니다. 최소·목표·도전 구간으로 채점하세요.",
        "The target is negative, so a quotient would turn its sign: score by bands.",
    ),
    "money": (
        "등급이나 보상이 걸려 있어, 미리 합의한 최소·목표·도전 구간으로 채점합니다.",
        "A grade or pay hangs on it: score by bands agreed beforehand.",
    ),
    "range": ("정한 범위 안에 있으면 100입니다.", "Within the range it is 100."),
    "milestone": ("끝난 단계의 가중치를 더합니다.", "The weights of the finished steps are added."),
    "binary": ("했으면 100, 아니면 0입니다.", "Done is 100, not done is 0."),
    "hit_rate": ("지킨 기간을 지켰어야 할 기간으로 나눕니다.", "Periods kept ÷ periods due."),
    "formula_ratio": ("실적 ÷ 목표", "actual ÷ target"),
    "formula_ratio_inverse": ("목표 ÷ 실적 (낮을수록 좋음)", "target ÷ actual, as less is better"),
    "formula_ratio_linear": ("2 − 실적 ÷ 목표 (낮을수록 좋음)", "2 − actual ÷ target, as less is better"),
    "formula_abs_scaled": ("1 ± (실적 − 목표) ÷ |목표|", "1 ± (actual − target) ÷ |target|"),
    "formula_progress": ("(실적 − 기준값) ÷ (목표 − 기준값)", "(actual − baseline) ÷ (target − baseline)"),
    "formula_bands": ("최소·목표·도전 사이를 곧게 이은 점수", "straight between threshold, target and stretch"),
    "formula_range": ("범위 안 100, 벗어난 만큼 감점", "100 within the range, less by the distance outside"),
    "formula_milestone": ("끝난 단계의 가중치 ÷ 전체 가중치", "weight of finished steps ÷ whole weight"),
    "formula_binary": ("달성 100, 미달 0", "100 if met, else 0"),
    "formula_hit_rate": ("지킨 기간 ÷ 지켰어야 할 기간", "periods kept ÷ periods due and valid"),
}

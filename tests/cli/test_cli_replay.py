"""`nachim replay`: the same bytes from the same inputs."""

import json

INPUTS = {"form": "nachim/score/1", "target": {"level": 100, "start": "2026-01-01", "due": "2026-12-31"}, "actual": 110}


def test_a_score_is_computed_again_byte_for_byte(run, tmp_path):
    path = tmp_path / "inputs.json"
    path.write_text(json.dumps(INPUTS), encoding="utf-8")
    first, again = run("replay", str(path)), run("replay", str(path), lang="en")
    assert (first.returncode, first.stdout) == (0, again.stdout)
    assert json.loads(first.stdout)["score"]["displayed"] == "110.0%"


def test_what_cannot_be_replayed_is_one_sentence(run, tmp_path):
    path = tmp_path / "inputs.json"
    path.write_text(json.dumps(INPUTS | {"target": INPUTS["target"] | {"level": 0}}), encoding="utf-8")
    done = run("replay", str(path))
    assert (done.returncode, done.stdout) == (1, "") and "threshold" in done.stderr and "Traceback" not in done.stderr
    missing = run("replay", str(tmp_path / "nothing.json"), lang="en")
    assert missing.returncode == 2 and "cannot be read" in missing.stderr

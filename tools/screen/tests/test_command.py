"""The command from end to end on a small made market: what it writes, twice alike, and what it refuses."""

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gongheng.screening import evaluation, learning
from tools.screen.__main__ import main
from tools.screen.tests import made

_ROOT = Path(__file__).resolve().parents[3]
#: Runs the command where no network can be used, and tells what of the platform was loaded.
_APART = """
import socket, sys
def refuse(*_, **__): raise OSError("no network")
socket.socket = socket.create_connection = refuse
from tools.screen.__main__ import main
status = main(sys.argv[1:])
known = ("django", "psycopg", "config", "gongheng.trust", "gongheng.people", "gongheng.followers", "gongheng.desks")
print("LOADED", sorted(one for one in sys.modules if one.startswith(known)))
raise SystemExit(status)
"""


@pytest.fixture(scope="module")
def bids(tmp_path_factory):
    return made.write(tmp_path_factory.mktemp("market") / "bids.csv", [*made.rows(), *made.bad_rows()])


@pytest.fixture(scope="module")
def out(bids):
    folder = bids.parent / "first"
    assert main([str(bids), "--top", "1", "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def result(out):
    return json.loads((out / "result.json").read_bytes())


def test_ring_stands_first_with_its_members_named(result):
    first = result["tenders"][:12]
    assert all(set(one["evidence"]["coalition"]) <= set(made.RING) for one in first)
    families = {part["family"] for part in first[0]["evidence"]["families"]}
    assert {"P", "G"} <= families
    assert all(one["value"] >= 60 for one in first[:3])


def test_number_is_named_relative_and_no_probability_is_told_without_a_prior(result):
    assert result["scale"] == "相对风险（未校准）"
    assert result["prior"] is None
    assert "prior" not in result["tenders"][0]["evidence"]
    assert "不是串通的可能性" in result["tenders"][0]["sentence"]
    assert all(one["low"] <= one["value"] <= one["high"] for one in result["tenders"])


def test_every_number_says_where_it_comes_from(result, bids):
    assert result["inputs"] == [{"file": "bids.csv", "sha256": hashlib.sha256(bids.read_bytes()).hexdigest()}]
    facts = [
        fact for part in result["tenders"][0]["evidence"]["families"] for one in part["findings"]
        for fact in one["facts"]
    ]
    assert facts
    assert all(fact["source"] for fact in facts)
    assert {one["source"].split()[0] for one in result["tenders"][0]["bids"]} == {"bids.csv"}


def test_every_bad_row_is_counted_and_shown(result, out):
    counted = {one["code"]: one["count"] for one in result["problems"]}
    for code in ("zero_or_negative", "unreadable_value", "no_tender", "absurd_date"):
        assert counted[code] == 1
    assert counted["one_bid"] == 2
    assert "报价不是数字" in (out / "index.html").read_text()
    assert result["rows"] == len(made.rows()) + len(made.bad_rows())


def test_what_nobody_gave_is_unknown_and_named(result):
    known = result["tenders"][0]["evidence"]["completeness"]
    assert {"F", "M", "T", "E", "A"} <= set(known["absent"])
    assert all(one["reason"] for each in known["unknown"].values() for one in each)


def test_explanation_explains_itself_without_anything_from_outside(out):
    for name in ("index.html", "tenders/0001.html"):
        text = (out / name).read_text()
        assert "线索，不是认定" in text
        assert not re.search(r"""(src|href)=["']?(https?:)?//""", text)
        assert not re.search(r"@import|url\((?!#)", text)
    for words in ("60 的意思", "也可能因为", "怎样查清", "条款", "假如没有某一类", "还有哪些不知道", "此前共同投标"):
        assert words in text
    assert (out / "tenders" / "0001.pdf").read_bytes().startswith(b"%PDF-")
    assert not (out / "tenders" / "0002.html").exists()
    assert {one.name for one in (out / "charts").iterdir()} >= {
        "0001-bids.svg", "0001-families.svg", "0001-together.svg"
    }


def test_foreign_text_is_neither_markup_nor_formula(out):
    page = (out / "index.html").read_text()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    table = list(csv.reader(io.StringIO((out / "排序表.csv").read_text("utf-8-sig"))))
    assert f"'{made.EVIL}" in {row[1] for row in table}
    with zipfile.ZipFile(out / "排序表.xlsx") as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_second_run_apart_from_platform_and_network_writes_the_same_bytes(bids, out):
    again = bids.parent / "second"
    done = subprocess.run(
        [sys.executable, "-c", _APART, str(bids), "--top", "1", "--out", str(again)], cwd=bids.parent,
        env={"PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}", "PATH": "", "HOME": str(bids.parent), "PYTHONHASHSEED": "7"},
        capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "LOADED []" in done.stdout
    first, second = ({str(p.relative_to(each)): p.read_bytes() for p in each.rglob("*") if p.is_file()}
                     for each in (out, again))
    assert first == second
    assert len(first) == 9


def refused(capsys, *argv: object) -> str:
    assert main([str(one) for one in argv]) == 2
    told = capsys.readouterr().err
    assert "规则：" in told
    assert "怎么办：" in told
    return told


def test_unreadable_input_is_refused_by_name_and_nothing_is_written(tmp_path, capsys, bids):
    out = tmp_path / "out"
    no_value = made.write(tmp_path / "novalue.csv", [("T1", "A")], ("tender", "firm"))
    (tmp_path / "bids.docx").write_bytes(b"PK")
    (tmp_path / "bad.toml").write_text("[columns\n")
    (tmp_path / "other.json").write_text('{"rows": []}')
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no")
    for words, *argv in (
        ("nothere.csv", tmp_path / "nothere.csv"), ("只读 CSV", tmp_path / "bids.docx"), ("value", no_value),
        ("TOML", bids, "--schema", tmp_path / "bad.toml"), ("不是 OCDS", tmp_path / "other.json"),
        ("PARQUET", tmp_path / "broken.parquet"), ("截至日", bids, "--as-of", "昨天"),
        ("没有可筛查的项目", bids, "--as-of", "1999-01-01"), ("LXGW WenKai", bids, "--fonts", tmp_path),
        ("--scores", bids, "--scores", no_value), ("--prices", bids, "--prices", tmp_path / "nothere"),
    ):
        assert words in refused(capsys, *argv, "--out", out)
    assert not out.exists()


def test_folder_of_other_things_is_never_cleared(tmp_path, capsys, bids):
    (tmp_path / "letter.txt").write_text("mine")
    assert "letter.txt" in refused(capsys, bids, "--out", tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "mine"


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_learning_without_labels_is_refused(tmp_path, capsys, command):
    bids = made.write(tmp_path / "bids.csv", [row[:-1] for row in made.rows()], made.HEAD[:-1])
    assert "label" in refused(capsys, command, bids, "--out", tmp_path / "out")


class Taught:
    """Stands in for trees, whose own tests are the engine's: says "rigged" where steps are even."""

    names, signs, base_rate = ("log_step",), (0,), 0.33

    def probabilities(self, features, *, prior):
        assert prior == 0.02
        return 1 / (1 + features.values[:, features.names.index("log_step")])


def test_train_judges_the_unlabelled_and_tells_what_its_numbers_are(tmp_path, monkeypatch):
    def taught(features, labels, *, groups):
        assert len(features.values) == len(labels) == len(groups) == 72 - len(unlabelled)
        return Taught()

    monkeypatch.setattr(learning, "train", taught)
    last = made.rows()[-33:]
    unlabelled = {row[0] for row in last}
    rows = [(*row[:-1], "" if row[0] in unlabelled else row[-1]) for row in made.rows()]
    bids = made.write(tmp_path / "bids.csv", rows)
    assert main(["train", str(bids), "--prior", "0.02", "--out", str(tmp_path / "out")]) == 0
    told = json.loads((tmp_path / "out" / "trained.json").read_bytes())
    assert "先验 2.00%" in told["meaning"]
    rigged = {row[0] for row in last if row[1] in made.RING}
    assert {one["id"] for one in told["tenders"]} == unlabelled
    assert {one["id"] for one in told["tenders"][:len(rigged)]} == rigged


def test_train_never_judges_what_it_was_taught(tmp_path, capsys):
    bids = made.write(tmp_path / "bids.csv", made.rows())
    assert "已用于学习" in refused(capsys, "train", bids, "--on", bids, "--out", tmp_path / "out")


def test_evaluate_prints_every_split_and_every_warning(tmp_path, monkeypatch, capsys):
    one = evaluation.Result(
        "by_tender", 0, judged=72, positives=24, auc=0.98, auc_within=0.97, average_precision=0.9, ece=0.03,
        precision_at=(0.9, 1.0), at=(),
    )
    found = evaluation.Evaluation((one,), (0.51,), ("先查是否泄漏",), ("forward：没有开标时间",))
    monkeypatch.setattr(evaluation, "evaluate", lambda *_, **__: found)
    bids = made.write(tmp_path / "bids.csv", made.rows())
    assert main(["evaluate", str(bids), "--out", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().out
    assert all(words in told for words in ("按项目", "0.980", "0.510", "先查是否泄漏", "没有开标时间"))
    assert json.loads((tmp_path / "out" / "evaluation.json").read_bytes())["shuffled"] == [0.51]

"""The command line as scripts use it: output, exit codes, languages, from any directory."""

from __future__ import annotations

import csv
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from factors import library
from service.cli import COMMANDS, main
from tests.service.conftest import Run

CSV = "site,activity,start,end,amount,unit\nworks,electricity,2025-01-01,2025-01-31,1200.50,kWh\n"


@pytest.fixture
def works(run: Run) -> Run:
    run("organisation", "add", "ling", "--name-zh", "灵铝再生", "--name-en", "Ling Recycling")
    run("organisation", "site", "ling", "works", "--name-zh", "一厂", "--region", "广东")
    return run


def read(result: Result) -> Any:
    return json.loads(result.stdout)


def file(content: str, name: str = "2025.csv") -> str:
    Path(name).write_text(content, encoding="utf-8")
    return name


def test_help_needs_none_of_the_heavy_parts() -> None:
    """What makes a start slow is importing; `tanji --help` imports click and no more."""
    heavy = ("flask", "sqlalchemy", "polars", "pint", "weasyprint", "alembic", "babel", "yaml", "service.db")
    code = (
        "import sys; from click.testing import CliRunner; from service.cli import main; "
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0; "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_explains_itself_in_both_languages(name: str) -> None:
    texts = [CliRunner().invoke(main, ["--language", language, name, "--help"]) for language in ("zh", "en")]
    assert [text.exit_code for text in texts] == [0, 0]
    assert texts[0].output != texts[1].output
    assert texts[1].output.isascii() or name in ("factors",)


def test_the_list_of_commands_is_told_in_both_languages() -> None:
    chinese = CliRunner().invoke(main, ["--language", "zh", "--help"]).output
    assert "审计日志" in chinese
    assert "退出码" in chinese
    assert "The audit log" in CliRunner().invoke(main, ["--help"], env={"TANJI_LANGUAGE": "en"}).output


def test_an_unknown_language_or_command_is_wrong_usage() -> None:
    for arguments in (["--language", "fr", "init"], ["dance"], ["factors", "match"]):
        assert CliRunner().invoke(main, arguments).exit_code == 2


def test_wrong_settings_are_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANJI_MAX_UPLOAD_MB", "many")
    result = run("organisation", "list", code=2)
    assert "TANJI_MAX_UPLOAD_MB: 'many' is not a whole number" in result.stderr


def test_init_makes_a_database_and_a_second_time_changes_nothing(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_url)
    monkeypatch.setenv("TANJI_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TANJI_LANGUAGE", "en")
    refused = CliRunner().invoke(main, ["organisation", "list"])
    assert (refused.exit_code, "run 'tanji init'" in refused.stderr) == (1, True)
    for _ in range(2):
        assert CliRunner().invoke(main, ["init"]).exit_code == 0
    assert CliRunner().invoke(main, ["organisation", "list", "--json"]).stdout.strip() == "[]"


@pytest.mark.parametrize("command", [("organisation", "list"), ("init",), ("serve",), ("audit", "fsck", "--json")])
def test_a_database_that_does_not_answer_is_told_in_one_line_without_its_password(
    command: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ling:hu%2Fs%40h@127.0.0.1:1/none")
    result = run(*command, code=1)
    said = read(result)["detail"] if "--json" in command else result.stderr.strip()
    assert said.startswith("the database cannot be used: ")
    assert "\n" not in said
    assert "Traceback" not in result.output
    assert not any(part in result.output for part in ("hu%2Fs", "hu/s", "s@h"))


def test_a_database_file_that_cannot_be_is_told_in_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("file").write_text("")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{Path.cwd()}/file/tanji.sqlite3")
    assert run("init", code=1).stderr.startswith("the database cannot be used: [Errno")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ling:hu@sh@127.0.0.1/none",
        "postgresql://ling:pass@127.0.0.1:hush/none",
        "postgresql+nosuchdriver://ling:hush@127.0.0.1/none",
        "postgresql+psycopg2://ling:hush@127.0.0.1/none",
    ],
)
def test_an_address_that_cannot_be_read_is_a_wrong_setting(url: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    for command in (("organisation", "list"), ("init",)):
        result = run(*command, code=2)
        assert "DATABASE_URL: " in result.stderr
        assert "sh@" not in result.output
        assert "hush" not in result.output


def test_what_is_written_is_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the umask of the caller; and the caller gets his own back."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("TANJI_DATA", str(tmp_path / "data"))
    before = os.umask(0o022)
    try:
        made = ("organisation", "add", "ling", "--name-zh", "灵铝再生")
        for command in (("init",), made, ("activity", "template", "--out", str(tmp_path / "template.xlsx"))):
            assert CliRunner().invoke(main, command).exit_code == 0
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").rglob("*")}
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert modes
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "template.xlsx").stat().st_mode) == 0o600


def test_the_server_writes_for_its_owner_alone(tmp_path: Path) -> None:
    code = "import os; os.umask(0o022); import service.serving; print(oct(os.umask(0)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0o77"


def test_factors_need_no_database(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    question = ("--activity", "electricity", "--region", "CN-GD", "--on", "2023-06-30")
    found = read(run("factors", "match", *question, "--json"))
    assert (found["factor_id"], found["value"], found["unit"], found["variant"]) == (
        "cn-elec-2023-cn-gd",
        "0.4419",
        "kg CO2/kWh",
        "exact",
    )
    assert read(run("factors", "search", "电力", "广东", "2023", "--json"))[0]["id"] == "cn-elec-2023-cn-gd"
    assert "0.4419 kg CO2/kWh" in run("factors", "show", "cn-elec-2023-cn-gd").output
    assert read(run("factors", "check", "--json"))["records"] >= 11_951


OWN = """id,activity,name_en,category,value,unit,gas,year,valid_from,region,source,licence
steam-2025,heat_purchased,Steam of the neighbour,heat,0.09,t CO2/GJ,CO2,2025,2025-01-01,CN-GD,Contract 17,own data
"""


def test_own_factors_are_taken_in_from_a_file_listed_and_withdrawn(works: Run) -> None:
    at = ("--organisation", "ling")
    assert "1 own factors" in works("factors", "own", "load", file(OWN, "own.csv"), *at).output
    (held,) = read(works("factors", "own", "list", *at, "--json"))
    assert (held["id"], held["value"], held["source"]) == ("steam-2025", "0.09", "Contract 17")
    asked = ("--activity", "heat_purchased", "--region", "CN-GD", "--on", "2025-06-30", "--json")
    assert read(works("factors", "match", *asked, *at))["variant"] == "own_factor"
    other = file(OWN.replace("0.09", "0.08"), "other.csv")
    assert "row 2: factor 'steam-2025' exists already" in works("factors", "own", "load", other, *at, code=1).stderr
    works("factors", "own", "load", other, *at, "--reason", "contract renewed")
    works("factors", "own", "withdraw", "steam-2025", *at, "--reason", "contract ended")
    assert read(works("factors", "own", "list", *at, "--json")) == []


def test_of_own_factors_all_is_told_and_nothing_stays(works: Run) -> None:
    bad = OWN + OWN.splitlines()[1].replace("steam-2025", "two").replace("t CO2/GJ", "kg CO2e") + "\n,,,,x\n"
    found = works("factors", "own", "load", file(bad, "own.csv"), "--organisation", "ling", code=1).stderr
    assert "row 3 unit" in found
    assert "row 4 value" in found
    assert read(works("factors", "own", "list", "--organisation", "ling", "--json")) == []


def test_all_records_are_exported_one_row_each(run: Run) -> None:
    run("factors", "export", "--out", "factors.csv")
    with Path("factors.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    columns = "id name_en name_zh category unit value gas region year source licence confidence"
    assert list(rows[0]) == columns.split()
    assert len({(row["id"], row["gas"]) for row in rows}) == len(rows) >= 11_951
    (found,) = [row for row in rows if row["id"] == "cn-elec-2023-cn-gd"]
    assert (found["value"], found["unit"], found["gas"]) == ("0.4419", "kg CO2/kWh", "CO2")


def test_not_found_is_three(run: Run) -> None:
    run("factors", "show", "none-such", code=3)
    run("organisation", "show", "nobody", code=3)
    run("inventory", "show", "none-such", code=3)
    question = ("--activity", "electricity", "--region", "CN-GD", "--on", "1980-01-01")
    problem = read(run("factors", "match", *question, "--json", code=3))
    assert problem["code"] == "factor-not-found"


def test_an_organisation_is_taken_once(works: Run) -> None:
    assert "exists already" in works("organisation", "add", "ling", "--name-zh", "x", code=4).stderr
    shown = read(works("organisation", "show", "ling", "--json"))
    assert (shown["name_en"], shown["sites"][0]["region"]) == ("Ling Recycling", "CN-GD")
    assert [row["code"] for row in read(works("organisation", "list", "--json"))] == ["ling"]


def test_a_bad_code_is_wrong_input(run: Run) -> None:
    problem = run("organisation", "add", "a/b", "--name-zh", "x", code=1)
    assert "code: contains characters that are not allowed here" in problem.stderr


def test_a_file_is_checked_loaded_and_loaded_only_once(works: Run) -> None:
    name = file(CSV)
    checked = read(works("activity", "check", name, "--organisation", "ling", "--json"))
    assert checked["receipt"]["counts"]["loaded"] == 1
    assert read(works("activity", "list", "--organisation", "ling", "--json")) == []
    stored = read(works("activity", "load", name, "--organisation", "ling", "--yes", "--json"))["stored"]
    assert (stored["loaded"], stored["already"]) == (1, False)
    assert "handed in before" in works("activity", "load", name, "--organisation", "ling", "--yes").output
    rows = read(works("activity", "list", "--organisation", "ling", "--json"))
    assert [(row["amount"], row["unit"]) for row in rows] == [("1200.50", "kWh")]


def test_a_file_with_errors_is_one_and_says_where(works: Run) -> None:
    name = file(CSV + "works,electricity,2025-02-01,2025-02-28,many,kWh\nmine,electricity,2025-02,,1,kWh\n")
    result = works("activity", "load", name, "--organisation", "ling", "--yes", "--errors", "errors.csv", code=1)
    assert "row 3" in result.output
    assert "row 4" in result.output
    assert Path("errors.csv").read_text(encoding="utf-8-sig").count("\n") >= 3
    assert read(works("activity", "list", "--organisation", "ling", "--json")) == []
    kept = read(works("activity", "load", name, "--organisation", "ling", "--yes", "--skip-errors", "--json"))["stored"]
    assert (kept["loaded"], kept["errors"]) == (1, 2)


def test_another_amount_is_refused_without_a_reason(works: Run) -> None:
    works("activity", "load", file(CSV), "--organisation", "ling", "--yes")
    changed = file(CSV.replace("1200.50", "1300"), "later.csv")
    problem = read(works("activity", "load", changed, "--organisation", "ling", "--yes", "--json", code=4))
    assert (problem["code"], problem["errors"][0]["code"]) == ("duplicates-differ", "duplicate-differs")
    works("activity", "load", changed, "--organisation", "ling", "--yes", "--reason", "read again")


def test_a_check_says_what_will_stop_the_storing_and_the_inventory(works: Run) -> None:
    works("activity", "load", file(CSV), "--organisation", "ling", "--yes")
    other = file(CSV.replace("1200.50", "1300") + "works,diesel_road,2025-01-01,2025-01-31,100,l\n", "later.csv")
    found = read(works("activity", "check", other, "--organisation", "ling", "--json", code=1))
    assert [(one["field"], one["code"]) for one in found["conflicts"]] == [("data-2", "duplicate-differs")]
    assert [one["code"] for one in found["inventory"]["questions"]] == ["density-missing"]
    assert len(read(works("activity", "list", "--organisation", "ling", "--json"))) == 1
    told = works(
        "activity", "check", other, "--organisation", "ling", "--method", "inventory.cn_gbt32150", code=1
    ).output
    assert "question of inventory.cn_gbt32150: works diesel_road: cannot turn l" in told
    works("organisation", "close", "ling", "--from", "2025-01-01", "--to", "2025-12-31")
    later = file(CSV.replace("works,electricity", "works,heat_purchased").replace("kWh", "GJ"), "heat.csv")
    found = read(works("activity", "check", later, "--organisation", "ling", "--json", code=1))
    assert [one["code"] for one in found["conflicts"]] == ["period-closed"]
    works("activity", "check", other, "--method", "no.such", "--organisation", "ling", code=3)


def test_questions_are_told_in_chinese(works: Run) -> None:
    works(
        "activity",
        "load",
        file(CSV + "works,diesel_road,2025-01-01,2025-01-31,100,l\n"),
        "--organisation",
        "ling",
        "--yes",
    )
    order = ("--organisation", "ling", "--year", "2025", "--method", "inventory.ghgp")
    told = works("--language", "zh", "inventory", "run", *order, code=1).stderr
    assert "核算清单前须先回答 1 个问题" in told
    assert "works diesel_road: 无法将 l 换算为 t" in told


def test_a_row_is_taken_back_and_counts_no_more(works: Run) -> None:
    more = CSV + "works,heat_purchased,2025-01-01,2025-01-31,10,GJ\n"
    at = ("--organisation", "ling")
    works("activity", "load", file(more), *at, "--yes")
    order = (*at, "--year", "2025", "--method", "inventory.ghgp")
    before = read(works("inventory", "run", *order, "--json"))
    assert [one["activity"] for one in before["lines"]] == ["electricity", "heat_purchased"]
    works("activity", "withdraw", "D2", *at, "--reason", "billed to the neighbour")
    works("activity", "withdraw", "D2", *at, "--reason", "again", code=4)  # D3 stands in its place
    works("activity", "withdraw", "D3", *at, "--reason", "again", code=3)  # which holds nothing
    after = read(works("inventory", "run", *order, "--reason", "a row was taken back", "--json"))
    assert [one["activity"] for one in after["lines"]] == ["electricity"]
    assert "\n" in works("audit", "fsck").output
    stored = read(works("activity", "load", file(more + "\n", "again.csv"), *at, "--yes", "--json"))["stored"]
    assert (stored["loaded"], stored["skipped"]) == (1, 1)
    works("activity", "withdraw", "D1", "D4", *at, "--reason", "all of it")
    assert "no activity data" in works("inventory", "run", *order, "--reason", "none", code=1).stderr
    works("organisation", "close", "ling", "--from", "2025-01-01", "--to", "2025-12-31")


def test_what_stands_beside_activity_data_is_listed_and_taken_back(run: Run) -> None:
    from service.activities import intake
    from service.activities.template import write_workbook

    month = {"site": "S1", "activity": "electricity", "start": "2025-01", "amount": "1", "unit": "kWh"}
    filled = {
        "organisation": [{"code": "T", "name_zh": "试验企业"}],
        "sites": [{"code": "S1", "name_zh": "一厂", "region": "湖北"}],
        "periods": [{"start": "2025", "end": "2025"}],
        "electricity": [month],
        "exclusions": [{"category": "s3.6", "reason": "nobody travels"}],
    }
    write_workbook(Path("t.xlsx"), filled, known=intake.known_from(library.load()))
    run("init")
    at = ("--organisation", "T")
    checked = read(run("activity", "check", "t.xlsx", *at, "--json"))  # nobody is called so yet
    assert checked["conflicts"] == []
    run("activity", "load", "t.xlsx", *at, "--yes")
    assert run("activity", "records", "exclusions", *at).output.split()[:2] == ["X1", "s3.6"]
    assert read(run("activity", "records", "instruments", *at, "--json")) == []
    run("activity", "withdraw", "X1", *at, "--reason", "somebody did")
    assert read(run("activity", "records", "exclusions", *at, "--json")) == []
    run("activity", "withdraw", "X1", *at, "--reason", "again", code=3)


def test_rows_of_two_years_and_files_of_several_are_refused(works: Run) -> None:
    across = file(CSV.replace("2025-01-31", "2026-01-01"))
    assert (
        "split it into two rows at 2025-12-31"
        in works("activity", "check", across, "--organisation", "ling", code=1).output
    )
    years = CSV + "works,electricity,2024-01-01,2024-01-31,5,kWh\nworks,electricity,2026-01-01,2026-01-31,5,kWh\n"
    mapping = file(
        "organisation: {code: X, name_zh: 测试}\nsites: [{code: works, name_zh: 一厂, region: CN-HB}]\n", "m.yaml"
    )
    order = ("inventory", "file", file(years), "--map", mapping, "--method", "inventory.ghgp")
    assert "longer than a year" in works(*order, code=1).stderr


def test_own_factors_in_a_process_of_its_own(works: Run) -> None:
    """Other tests import what a command line of its own does not."""
    command = [sys.executable, "-m", "service.cli", "factors", "own", "load", file(OWN, "own.csv")]
    done = subprocess.run(
        [*command, "--organisation", "ling"], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_period_takes_nothing(works: Run) -> None:
    works("organisation", "close", "ling", "--from", "2025-01-01", "--to", "2025-12-31")
    problem = read(works("activity", "load", file(CSV), "--organisation", "ling", "--yes", "--json", code=4))
    assert problem["code"] == "period-closed"
    (period,) = read(works("organisation", "periods", "ling", "--json"))
    works("organisation", "reopen", "ling", str(period["id"]), "--reason", "auditor asked")
    works("activity", "load", file(CSV), "--organisation", "ling", "--yes")


def test_evidence_is_kept_and_attached(works: Run) -> None:
    works("activity", "load", file(CSV), "--organisation", "ling", "--yes")
    found = read(works("activity", "attach", file("bill", "bill.txt"), "D1", "--organisation", "ling", "--json"))
    assert found["attached"] == 1
    works("activity", "attach", file("bill", "bill.txt"), "D99", "--organisation", "ling", code=1)
    works("activity", "attach", file("bill", "bill.txt"), "first", "--organisation", "ling", code=2)


def test_an_inventory_from_run_to_trace_and_recomputation(works: Run) -> None:
    """1200.5 kWh x 0.4419 kg/kWh (Guangdong 2023, the newest published) = 530.50095 kg."""
    works("activity", "load", file(CSV), "--organisation", "ling", "--yes")
    order = ("--organisation", "ling", "--year", "2025", "--method", "inventory.ghgp")
    made = read(works("inventory", "run", *order, "--json"))
    assert float(made["total_location_kgco2e"]) == pytest.approx(1200.5 * 0.4419)
    assert made["id"] in works("inventory", "list", "--organisation", "ling").output
    assert read(works("inventory", "show", made["id"], "--json"))["total_kgco2e"] == made["total_kgco2e"]
    line = made["lines"][0]["id"]
    assert "0.4419" in works("inventory", "show", made["id"], "--trace", line).output
    works("inventory", "show", made["id"], "--trace", "none", code=3)
    works("report", made["id"], "--out", "snapshot.json")
    assert read(works("recompute", "snapshot.json", "--json"))["same"] is True
    snapshot = json.loads(Path("snapshot.json").read_bytes())
    snapshot["results"]["total_kgco2e"] = "1"
    Path("forged.json").write_text(json.dumps(snapshot))
    works("recompute", "forged.json", code=1)
    works("recompute", file("not json", "text.json"), code=1)
    works("report", made["id"], "--out", "report.docx", code=2)


def test_a_method_that_does_not_exist_is_not_found(works: Run) -> None:
    order = ("--organisation", "ling", "--year", "2025", "--method", "inventory.none")
    assert read(works("inventory", "run", *order, "--json", code=3))["code"] == "unknown-method"


def test_what_is_no_report_does_not_verify(run: Run) -> None:
    result = run("verify", file("%PDF-1.7 nothing", "report.pdf"), "--json", code=1)
    assert read(result)["ok"] is False


def test_the_log_is_checked_listed_and_proved(works: Run) -> None:
    head = works("audit", "head").stdout.strip()
    checked = read(works("audit", "fsck", "--expect", head, "--json"))
    assert (checked["ok"], checked["size"]) == (True, 2)
    other = f"2:{'0' * 64}"
    assert (
        read(works("audit", "fsck", "--expect", other, "--json", code=1))["problems"][0]["code"] == "audit-head-differs"
    )
    works("audit", "fsck", "--expect", "two", code=2)
    assert "organisation.create" in works("audit", "log", "--organisation", "ling").output
    proof = read(works("audit", "prove", "2", "--organisation", "ling"))
    assert head == f"{proof['size']}:{proof['root']}"


def test_the_template_is_written(run: Run) -> None:
    run("activity", "template", "--out", "template.xlsx")
    assert Path("template.xlsx").read_bytes().startswith(b"PK")


def test_messages_are_told_in_chinese(works: Run) -> None:
    result = CliRunner().invoke(main, ["--language", "zh", "organisation", "show", "nobody"])
    assert (result.exit_code, result.stderr.strip()) == (3, "没有这个组织：“nobody”")


def test_a_shorter_name_is_the_same_command(run: Run) -> None:
    assert run("org", "--help").output.splitlines()[2:] == run("organisation", "--help").output.splitlines()[2:]

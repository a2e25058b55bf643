"""The guided form of a model: the workbook's rows and columns, nothing typed lost, every problem at its row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lca import product_reading
from service.products import form_steps, forms, templates
from service.products.columns import sheet
from service.products.model_files import model_of, write_workbook
from service.products.workbook_writer import rows_of


@pytest.mark.parametrize("identifier", list(templates.templates()))
def test_the_form_of_a_template_says_what_the_template_says(identifier: str) -> None:
    """Every cell: the form is read to the same rows as the template's own file."""
    found = forms.judged(forms.of_template(identifier))
    assert found.problems == ()
    assert found.model is not None
    assert rows_of(found.model) == rows_of(templates.load(identifier))


@pytest.mark.parametrize("identifier", list(templates.templates()))
def test_every_row_is_shown_once_and_every_filled_cell_on_some_step(identifier: str) -> None:
    form = forms.of_template(identifier)
    shown: dict[tuple[str, int], set[str]] = {}
    rows: list[tuple[str, int]] = []
    for step in form_steps.STEPS:
        for section in forms.sections(form, step, ()):
            for row in section.rows:
                assert row.is_carried or not section.view.only_legs or row.cells["from_kind"] != "process"
                place = (section.sheet.id, row.number)
                rows += [] if section.view.only_legs else [place]
                shown.setdefault(place, set()).update(one.name for one in (*row.main, *row.more))
    assert sorted(rows) == sorted(set(rows))
    for name, held in form.rows.items():
        for number, cells in enumerate(held):
            assert set(cells) <= shown[(name, number)]


def test_a_form_travels_as_text() -> None:
    form = forms.of_template("vehicle_bev")
    again = forms.of_state(form.state())
    assert (again.state(), again.said) == (form.state(), form.said)


@pytest.mark.parametrize(
    "state",
    [
        "",
        "[]",
        "{",
        '{"rows": []}',
        '{"rows": {}, "said": {"colour": "red"}}',
        '{"rows": {}, "said": {"template": "none such"}}',
        '{"rows": {"nothing": []}, "said": {}}',
        '{"rows": {"inputs": {}}, "said": {}}',
        '{"rows": {"inputs": [[]]}, "said": {}}',
        '{"rows": {"inputs": [{"colour": "red"}]}, "said": {}}',
        '{"rows": {"inputs": [{"id": 1}]}, "said": {}}',
        json.dumps({"rows": {"inputs": [{"id": "x" * (forms.LONGEST + 1)}]}, "said": {}}),
        json.dumps({"rows": {"inputs": [{}] * (forms.MOST_ROWS + 1)}, "said": {}}),
    ],
)
def test_what_no_form_has_sent_is_refused(state: str) -> None:
    with pytest.raises(forms.StateInvalid):
        forms.of_state(state)


def test_fields_that_are_not_there_are_refused() -> None:
    form = forms.of_template("secondary_aluminium")
    for name in ("c.inputs.999.amount", "c.inputs.0.colour", "c.nothing.0.amount"):
        with pytest.raises(forms.StateInvalid):
            form.change([(name, "1")])
    form.change([("do", "go"), ("c.inputs.0.amount", " ")])  # others are none of the form's; blank is not stated
    assert "amount" not in form.rows["inputs"][0]


def test_everything_wrong_is_told_at_its_row_and_what_was_typed_stays() -> None:
    form = forms.of_template("secondary_aluminium")
    typed = {
        "c.product.0.region": "",
        "c.processes.1.output": "-3",
        "c.inputs.0.amount": "lots",
        "c.inputs.1.unit": "wagon",
        "c.inputs.4.process": "gone",
        "c.parameters.0.value": "",
    }
    form.change(typed.items())
    told = {(one.sheet, one.row): (one.code, one.step) for one in forms.judged(form).problems}
    assert told == {
        ("product", 1): ("key-missing", "product"),
        ("processes", 2): ("amount-not-above", "processes"),
        ("inputs", 1): ("not-a-number", "processes"),
        ("inputs", 2): ("unit-unknown", "processes"),
        ("inputs", 5): ("process-not-there", "processes"),
        ("parameters", 1): ("key-missing", "parameters"),
    }
    again = forms.of_state(form.state())
    assert again.rows["inputs"][0]["amount"] == "lots"
    assert again.rows["processes"][1]["output"] == "-3"


def test_a_problem_names_the_header_of_its_column() -> None:
    form = forms.of_template("secondary_aluminium")
    form.change([("c.processes.1.output", "-3")])
    (told,) = forms.judged(form).problems
    assert told.text == "Output: '-3' is not above zero; a number above it is expected"


def test_rows_are_added_where_they_are_asked_for_and_removed() -> None:
    form = forms.of_template("secondary_aluminium")
    form.add("inputs", after_gate=True)
    steps = {one.id: one for one in form_steps.STEPS}
    inputs = next(one for one in forms.sections(form, steps["use"], ()) if one.sheet.id == "inputs")
    assert [row.number for row in inputs.rows] == [12]
    form.remove("inputs", 12)
    assert forms.judged(form).problems == ()
    for name, number in (("inputs", 12), ("inputs", -1), ("product", 0), ("nothing", 0)):
        with pytest.raises(forms.StateInvalid):
            form.remove(name, number)
    with pytest.raises(forms.StateInvalid):
        form.add("product")


def test_an_empty_row_says_nothing() -> None:
    form = forms.of_template("secondary_aluminium")
    form.add("suppliers")
    assert forms.judged(form).problems == ()


def test_demonstration_values_are_known_until_they_are_changed() -> None:
    form = forms.of_template("secondary_aluminium")
    step = next(one for one in form_steps.STEPS if one.id == "parameters")
    (before, *_) = forms.sections(form, step, ())[0].rows
    assert "value" in before.demonstrations
    form.change([("c.parameters.0.value", "0.93")])
    (after, *_) = forms.sections(form, step, ())[0].rows
    assert "value" not in after.demonstrations


def test_a_workbook_leads_into_the_form_right_or_wrong(tmp_path: Path) -> None:
    data = templates.data("secondary_aluminium")
    path = tmp_path / "model.xlsx"
    write_workbook(path, product_reading.model(data))
    form, told = forms.of_file(path)
    assert told == ()
    model = forms.judged(form).model
    assert model is not None
    assert rows_of(model) == rows_of(model_of(path))
    assert {cells["stage"] for cells in form.rows["processes"]} <= {
        one.id for one in sheet("processes").by_name["stage"].field.choices
    }

"""Identifiers: known public codes pass, any one changed character is caught."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gongheng.kernel import numbers
from gongheng.kernel.refusal import Refusal

PUBLIC_CODES = ["914403001922038216", "91110000802100433B", "91350100M000100Y43", "91440300708461136T"]
REAL_DEAL_CODE = "A02-123100007847653857-20161012-000015-Q"


def refusal_of(check, *arguments) -> Refusal:
    with pytest.raises(Refusal) as caught:
        check(*arguments)
    return caught.value


@pytest.mark.parametrize("code", PUBLIC_CODES)
def test_public_company_codes_pass(code):
    assert numbers.check_uscc(f" {code.lower()} ") == code


@given(st.sampled_from(PUBLIC_CODES), st.integers(0, 17), st.sampled_from(numbers._USCC_ALPHABET))
def test_one_wrong_character_of_a_uscc_is_refused(code, position, char):
    assume(code[position] != char)
    assert refusal_of(numbers.check_uscc, code[:position] + char + code[position + 1:]).rule == "USCC"


@pytest.mark.parametrize(("code", "part"), [
    ("91440300192203821", "18 位，现为 17 位"),
    ("9144030019220382I6", "第 17 位“I”"),
    ("B14403001922038216", "第 1 位"),
    ("94440300192203821A", "第 2 位"),
    ("919903001922038216", "第 3—8 位"),
    ("914403001922038226", "主体标识码"),
    ("914403001922038217", "第 18 位"),
])
def test_a_refused_uscc_says_which_part_is_wrong(code, part):
    assert part in refusal_of(numbers.check_uscc, code, "uscc").message
    assert refusal_of(numbers.check_uscc, code, "uscc").field == "uscc"


@given(st.sampled_from(["91", "92", "12", "51", "N2"]), st.sampled_from(["370000", "370102", "371700"]),
       st.integers(0, 10**8 - 1))
def test_made_usccs_are_valid(kind, region, sequence):
    code = numbers.make_uscc(kind[0], kind[1], region, sequence)
    assert numbers.check_uscc(code) == code


@pytest.mark.parametrize("body", ["19220382", "80210043", "70846113", "16356268"])
def test_organ_codes_of_public_companies(body):
    assert body + numbers.organ_check(body) in {"192203821", "802100433", "708461136", "163562681"}


def test_the_standards_citizen_number_passes_and_is_masked():
    assert numbers.check_citizen_id("11010519491231002x") == "11010519491231002X"
    assert numbers.mask_citizen_id("11010519491231002X") == "110105********002X"


@given(st.dates(date(1930, 1, 1), date(2008, 1, 1)), st.integers(1, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_of_a_citizen_number_is_refused(born, sequence, position, change):
    number = numbers.make_citizen_id("370102", born, sequence)
    wrong = number[:position] + str((int(number[position]) + change) % 10) + number[position + 1:]
    refusal = refusal_of(numbers.check_citizen_id, wrong)
    assert refusal.rule == "CITIZEN_ID"
    assert wrong not in refusal.message


@pytest.mark.parametrize("number", ["", "1101051949123100", "110105194902300027", "990105194912310020"])
def test_citizen_numbers_of_no_form_date_or_place_are_refused(number):
    assert refusal_of(numbers.check_citizen_id, number).rule == "CITIZEN_ID"


def test_a_real_deal_code_passes():
    assert numbers.check_udc(REAL_DEAL_CODE) == REAL_DEAL_CODE
    assert numbers.make_udc("A02", "123100007847653857", date(2016, 10, 12), 15) == REAL_DEAL_CODE


@given(st.integers(0, 39), st.sampled_from(numbers._MOD37))
def test_one_wrong_character_of_a_deal_code_is_refused(position, char):
    assume(REAL_DEAL_CODE[position] != char)
    wrong = REAL_DEAL_CODE[:position] + char + REAL_DEAL_CODE[position + 1:]
    assert refusal_of(numbers.check_udc, wrong).rule == "UDC"


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=40))
def test_mod37_2_makes_the_weighted_sum_one(body):
    alphabet = numbers._MOD37
    whole = body + numbers.mod37_2(body)
    total = sum(alphabet.index(char) * 2**power for power, char in enumerate(reversed(whole)))
    assert total % 37 == 1


def test_numbers_nest_from_project_to_document():
    project = numbers.make_project_code("E", "310000", "0151", 8459)
    tender = numbers.make_tender_code(project, 2)
    lot = numbers.make_lot_code(tender, 1)
    assert (project, lot) == ("E3100000151008459", "E3100000151008459002001")
    assert [len(code) for code in (project, tender, lot, numbers.make_document_number(lot, 1))] == [17, 20, 23, 26]


@pytest.mark.parametrize(("check", "code"), [
    (numbers.check_project_code, "E310000015100845"), (numbers.check_project_code, "E9900000151008459"),
    (numbers.check_tender_code, "E3100000151008459000"), (numbers.check_lot_code, "E3100000151008459002000"),
    (numbers.check_document_number, "E3100000151008459002001"), (numbers.check_project_code, "33100000151008459"),
])
def test_malformed_numbers_are_refused(check, code):
    assert refusal_of(check, code).rule == "CODE"


@pytest.mark.parametrize("code", ["2026-370102-47-01-000123", "2109-370112-04-01-123456"])
def test_investment_codes_begin_with_a_year_or_year_and_month(code):
    assert numbers.check_investment_code(code) == code


@pytest.mark.parametrize("code", ["2026-370102-47-01-00012", "1013-370102-47-01-000123", "2026-990102-47-01-000123"])
def test_malformed_investment_codes_are_refused(code):
    assert refusal_of(numbers.check_investment_code, code).rule == "CODE"

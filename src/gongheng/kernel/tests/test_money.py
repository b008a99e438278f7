"""Money: what people type, what the words say, and back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.kernel import money
from gongheng.kernel.refusal import Refusal

FEN = st.integers(0, 10**16 - 1)


@pytest.mark.parametrize(("text", "amount"), [
    ("1,234.5", "1234.50"), ("¥ 88 元", "88.00"), ("123.456789万元", "1234567.89"), ("12,345,678", "12345678.00"),
    ("1万", "10000.00"), ("0", "0.00"), ("1.2300", "1.23"),
])
def test_amounts_are_read(text, amount):
    assert str(money.yuan(text)) == amount


def test_the_unit_of_the_field_holds_unless_the_text_names_one():
    assert money.yuan("3", unit="万元") == 30000
    assert money.yuan("3元", unit="万元") == 3


@pytest.mark.parametrize("text", ["", "-1", "1.234", "12,34", "1e5", "一百", "1..2", "0.0000001万", "100000000000000"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(Refusal) as caught:
        money.yuan(text, field="price")
    assert (caught.value.rule, caught.value.field) == ("MONEY", "price")


@given(FEN)
def test_separators_words_and_fen_all_come_back(fen):
    amount = money.from_fen(fen)
    assert money.to_fen(amount) == fen
    assert money.yuan(money.formatted(amount)) == amount
    assert money.yuan(money.formatted_wan(amount) + "万元") == amount
    assert money.from_capitals(money.capitals(amount)) == amount


@pytest.mark.parametrize(("amount", "words"), [
    ("0", "零元整"), ("0.05", "伍分"), ("0.50", "伍角整"), ("10", "壹拾元整"), ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
    ("16409.02", "壹万陆仟肆佰零玖元零贰分"), ("107000.53", "壹拾万柒仟元伍角叁分"), ("100001", "壹拾万零壹元整"),
    ("100500000000.10", "壹仟零伍亿元壹角整"), ("1000000000001", "壹万亿零壹元整"), ("9800000", "玖佰捌拾万元整"),
])
def test_words_of_known_amounts(amount, words):
    assert money.capitals(Decimal(amount)) == words


@pytest.mark.parametrize("text", ["人民币壹拾万零柒仟圆零伍角叁分", "壹拾万柒仟元伍角叁分整"])
def test_other_lawful_spellings_are_read(text):
    assert money.from_capitals(text) == Decimal("107000.53")


@pytest.mark.parametrize("text", [
    "", "整", "元整", "拾元整", "壹佰贰佰元整", "壹贰元整", "一百元整", "壹元贰分叁角", "壹万万元整",
])
def test_words_no_clerk_would_write_are_refused(text):
    with pytest.raises(Refusal):
        money.from_capitals(text)


@pytest.mark.parametrize("amount", ["-0.01", "100000000000000", "0.001"])
def test_amounts_without_words_are_programming_errors(amount):
    with pytest.raises(ValueError, match=r"out of range|finer"):
        money.capitals(Decimal(amount))


def test_rounding_is_half_up():
    assert money.cents(Decimal("0.125")) == Decimal("0.13")
    assert money.formatted(Decimal("1234567.895")) == "1,234,567.90"
    assert money.formatted_wan(Decimal("11000000")) == "1,100.00"

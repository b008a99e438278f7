"""The indicators about records, texts and judges explain themselves and claim no more than the law."""

import pytest

from gongheng.screening import fingerprints, items, judges, reading_time, relations, richness, tenderers, texts
from gongheng.screening.findings import Family

MODULES = {
    fingerprints: Family.FINGERPRINT, relations: Family.MONEY_AND_PEOPLE, texts: Family.TEXT, items: Family.PRICE,
    judges: Family.EVALUATION, reading_time: Family.EVALUATION, richness: Family.EVALUATION,
    tenderers: Family.TENDERER,
}
ALL = [(one, family) for module, family in MODULES.items() for one in module.INDICATORS]


@pytest.mark.parametrize(("one", "family"), ALL, ids=[one.code for one, _ in ALL])
def test_an_indicator_says_what_else_may_explain_it_and_what_would_settle_it(one, family):
    assert one.family is family
    assert one.code.startswith(family.value)
    assert one.innocent
    assert all(one.innocent)
    assert one.minimum >= 1
    assert one.settles.endswith("。")
    assert one.definition.endswith("。")
    assert "线索" in one.clause or "条" in one.clause


def test_codes_are_unique_and_only_facts_of_law_are_statutory():
    codes = [one.code for one, _ in ALL]
    assert len(codes) == len(set(codes))
    # 条例40（二）同一人办理, 40（六）同一账户, 40（三）同一项目管理成员: identities, not resemblances.
    assert {one.code for one, _ in ALL if one.is_statutory} == {"F9", "M1", "M7"}

"""Regions: the home province is complete and lots name real places."""

import pytest

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import LotRegions, cities, counties, provinces, region


def test_the_home_province_has_16_cities_and_136_counties():
    assert len(cities()) == 16
    assert sum(len(counties(city.code)) for city in cities()) == 136
    assert len(provinces()) == 34


def test_names_are_read_with_those_above():
    assert region("370102").full_name == "山东省济南市历下区"
    assert (region("370102").parent, region("370100").parent) == ("370100", "370000")


def test_every_name_of_the_home_province_ends_like_a_place():
    for city in cities():
        assert city.name.endswith("市")
        assert all(row.name[-1] in "区县市" and len(row.name) >= 2 for row in counties(city.code))


@pytest.mark.parametrize("code", ["371200", "370199", "", "37010"])
def test_a_code_that_is_not_in_force_is_refused(code):
    with pytest.raises(Refusal) as caught:
        region(code)
    assert caught.value.rule == "REGION"


def test_a_lot_names_four_places_and_knows_whether_it_is_traded_off_site():
    lot = LotRegions(project="371402", tenderer="370000", agency="110000", place="370100")
    lot.check()
    assert lot.is_off_site
    assert not LotRegions("370102", "370102", None, "370100").is_off_site


@pytest.mark.parametrize(("lot", "field"), [
    (LotRegions("370000", "370100", None, "370100"), "project"),
    (LotRegions("370102", "379900", None, "370100"), "tenderer"),
    (LotRegions("370102", "370100", "000000", "370100"), "agency"),
    (LotRegions("370102", "370100", None, "370000"), "place"),
])
def test_the_field_with_a_bad_place_is_named(lot, field):
    with pytest.raises(Refusal) as caught:
        lot.check()
    assert caught.value.field == field

"""From a new project to a public notice through the pages, and what others then see of it."""

import io
import json
from datetime import timedelta

import openpyxl
import pytest
from django.test import Client

from gongheng.crypto import canonical, labels
from gongheng.desks.portal.tests.visiting import visitor
from gongheng.trading.notices.models import Notice, Question
from gongheng.trading.notices.tests.building import announced_lot, drafted_lot
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Hold, Lot
from gongheng.trading.projects.tests.building import cast, draft_lot, filed_lot
from gongheng.trust.evidence.models import Entry
from gongheng.trust.signatures.models import Signature

pytestmark = pytest.mark.django_db
PROJECT = {
    "name": "凤鸣路小学新建工程", "owner": "历城区教育和体育局", "region_code": "370112", "address": "凤鸣路以东",
    "industry": "A01", "invest_project_code": "", "fund_source": "财政资金", "scale": "建筑面积 18650 平方米",
    "approval_name": "立项批复", "approval_number": "1号", "approval_authority": "发改局",
}
LOT = {
    "name": "施工一标段", "content": "全部工程", "classification": "A08", "region_code": "370112",
    "place_region": "370100", "estimate": "1200 万元", "period_days": "365", "qualification": "二级及以上资质",
}


@pytest.fixture
def who():
    return cast()


@pytest.fixture
def agency(authority, who, clock):
    return visitor(authority, who.agency, clock)


@pytest.fixture
def supervisor(authority, who, clock):
    return visitor(authority, who.supervisor, clock)


def fields_of(answer) -> dict:
    """Return what a browser would send back if its user changed nothing."""
    form, table = answer.context["form"], answer.context["table"]
    values = {}
    for bound in [*form, *table.management_form, *(field for row in table for field in row)]:
        value = bound.value()
        if value is True:
            values[bound.html_name] = "on"
        elif value not in (None, False):
            values[bound.html_name] = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return values


def content_of(answer) -> bytes:
    """Return the bytes of a streamed answer; reading it to the end closes its file."""
    return b"".join(answer.streaming_content)


def test_an_agency_goes_from_project_to_notice(who, clock, agency, supervisor):
    answer = agency.post("/projects/new/", **PROJECT)
    assert answer.status_code == 302, answer.content.decode()
    tender = agency.get(answer.url)
    assert "住房和城乡建设局" in tender.content.decode()
    answer = agency.post(
        answer.url, name="新建工程", content="小学一所", is_by_law="on", tenderer=PROJECT["owner"],
        supervisor=who.supervisor.organisation,
    )
    assert answer.status_code == 302, answer.content.decode()
    answer = agency.post(answer.url, **LOT)
    assert answer.status_code == 302, answer.content.decode()
    lot = Lot.objects.get()
    path = f"/projects/lots/{lot.pk}/"
    assert answer.url == path
    agency.sign(f"{path}submit/", "projects.submit")
    assert "待审核" in supervisor.text("/desk/supervision/filing/")
    assert supervisor.sign(f"{path}file/", "projects.file", filing_number="").status_code == 302
    assert Lot.objects.get().state == State.FILED
    assert {one.verb for one in Signature.objects.all()} == {"lot.submit", "lot.file"}

    editor = agency.get(f"/desk/lots/{lot.pk}/document/")
    answer = agency.post(f"/desk/lots/{lot.pk}/document/", **fields_of(editor))
    assert answer.status_code == 302, answer.context["form"].errors
    assert "最高投标限价" in agency.text(answer.url)
    answer = agency.sign(answer.url, "notices.publish")
    assert answer.url == f"/lots/{lot.pk}/"
    assert Lot.objects.get().state == State.ANNOUNCED
    anybody = Client()
    for page in ("/", "/notices/", f"/lots/{lot.pk}/", f"/notices/lots/{lot.pk}/"):
        assert "施工一标段" in anybody.get(page).content.decode(), page
    assert "发布招标公告和招标文件" in anybody.get(f"/lots/{lot.pk}/").content.decode()


def test_a_wrong_party_shows_its_rule_at_the_field(agency):
    text = agency.post("/projects/new/", **PROJECT | {"owner": "没有登记的单位"}).content.decode()
    assert "没有找到名为" in text
    assert 'title="依据规则 PARTY"' in text


def test_a_deadline_too_near_is_refused_with_rule_t3(who, clock, agency):
    lot = filed_lot(who, clock)
    fields = fields_of(agency.get(f"/desk/lots/{lot.pk}/document/"))
    answer = agency.post(f"/desk/lots/{lot.pk}/document/", **fields | {"bids_due_at": "2026-03-15T09:30"})
    assert answer.status_code == 200
    assert answer.context["form"].errors.as_data()["bids_due_at"][0].code == "T3"
    assert not lot.tender_documents.exists()


def test_weights_that_do_not_add_up_are_refused_with_rule_method(who, clock, agency):
    lot = filed_lot(who, clock)
    fields = fields_of(agency.get(f"/desk/lots/{lot.pk}/document/"))
    answer = agency.post(f"/desk/lots/{lot.pk}/document/", **fields | {"technical_weight": "45"})
    assert answer.context["form"].errors.as_data()["technical_weight"][0].code == "METHOD"


def test_the_table_of_factors_can_be_edited(who, clock, agency):
    lot = filed_lot(who, clock)
    path = f"/desk/lots/{lot.pk}/document/"
    fields = fields_of(agency.get(path))
    changes = {"factors-0-max": "7", "factors-8-name": "绿色建造", "factors-8-max": "2", "factors-8-kind": "FIXED"}
    answer = agency.post(path, **fields | changes)
    assert answer.status_code == 302, answer.context["form"].errors
    factors = lot.tender_documents.get().method["factors"]
    assert (factors[0]["max"], factors[-1]["name"], len(factors)) == ("7", "绿色建造", 9)
    again = agency.get(path)
    assert again.context["table"].initial_form_count() == 9


def test_what_was_signed_is_what_is_filed(who, clock, agency, supervisor):
    lot = draft_lot(who, clock)
    path = f"/projects/lots/{lot.pk}/submit/"
    before = Entry.objects.count()
    agency.client.post(path)
    assert Lot.objects.get().state == State.DRAFT
    assert Entry.objects.count() == before
    agency.sign(path, "projects.submit")
    assert Lot.objects.get().state == State.REGISTERED


def test_a_lot_is_404_for_whom_it_does_not_exist(who, clock, authority):
    lot = draft_lot(who, clock)
    outsider = visitor(authority, who.outsider, clock)
    for path in (f"/lots/{lot.pk}/", f"/projects/lots/{lot.pk}/", f"/notices/lots/{lot.pk}/publish/",
                 f"/desk/lots/{lot.pk}/document/", f"/projects/{lot.tender_project.project_id}/"):
        assert outsider.get(path).status_code == 404, path
    assert Client().get(f"/lots/{lot.pk}/").status_code == 404


def test_the_supervisor_holds_and_releases(who, clock, supervisor):
    lot = announced_lot(who, clock)
    path = f"/projects/lots/{lot.pk}/"
    supervisor.sign(f"{path}hold/", "projects.hold", kind="supervision", reason="核查资格条件", clocks=["T10"])
    hold = Hold.objects.get()
    assert "核查资格条件" in Client().get(f"/lots/{lot.pk}/").content.decode()
    assert "核查资格条件" in supervisor.text("/desk/supervision/")
    assert f"/projects/holds/{hold.pk}/release/" in supervisor.text(path)
    supervisor.sign(f"/projects/holds/{hold.pk}/release/", "projects.release", release_note="已整改")
    assert Hold.objects.get().release_note == "已整改"
    assert not lot.is_held()


def test_a_bidder_asks_unrecorded_and_the_agency_answers_in_public(who, clock, authority, agency):
    lot = announced_lot(who, clock)
    bidder = visitor(authority, who.bidder, clock)
    path = f"/notices/lots/{lot.pk}/questions/"
    assert bidder.post(f"{path}ask/", kind="question", text="真石漆厚度？").status_code == 302
    assert not Entry.objects.filter(actor=bidder.client.get(path).wsgi_request.actor.id).exists()
    question = Question.objects.get()
    agency.sign(f"/notices/questions/{question.pk}/answer/", "notices.answer", answer="不小于 2.5 mm")
    assert "不小于 2.5 mm" in Client().get(path).content.decode()


def test_a_clarification_through_its_page_proposes_the_lawful_deadline(who, clock, agency):
    lot = announced_lot(who, clock)
    path = f"/notices/lots/{lot.pk}/clarify/"
    form = agency.get(path).context["form"]
    due = form.initial["new_due_at"]
    assert due == lot.bids_due_at
    answer = agency.sign(
        path, "notices.clarify", content="第3条修改", affects_bids="on", new_due_at="2026-03-27T09:30"
    )
    assert answer.status_code == 302, answer.content.decode()
    assert Notice.objects.filter(kind="clarification").count() == 1


def test_a_tenderer_ends_his_tender_through_its_page(who, clock, authority, agency):
    lot = announced_lot(who, clock)
    path = f"/notices/lots/{lot.pk}/terminate/"
    assert agency.get(path).status_code == 404
    tenderer = visitor(authority, who.tenderer, clock)
    assert "终止原因" in tenderer.text(path)
    assert tenderer.sign(path, "notices.terminate", reason="规划调整").status_code == 302
    assert "终止公告" in Client().get("/notices/", {"kind": "termination"}).content.decode()


def test_the_published_data_hashes_to_what_bids_bind_to(who, clock):
    lot = announced_lot(who, clock)
    answer = Client().get(f"/notices/lots/{lot.pk}/document/1.json")
    digest = labels.digest(labels.DOCUMENT, answer.content)
    assert digest == bytes(lot.tender_documents.get().digest)
    assert json.loads(answer.content)["bids_due_at"] == canonical.timestamp(lot.bids_due_at)
    assert Client().get(f"/notices/lots/{lot.pk}/document/2.json").status_code == 404


def test_the_export_holds_text_and_never_formulas(who, clock):
    lot = announced_lot(who, clock)
    Notice.objects.update(title="=1+1")
    book = openpyxl.load_workbook(io.BytesIO(Client().get("/notices/export.xlsx?region=370100").content))
    rows = list(book.active.iter_rows())
    assert [cell.value for cell in rows[1]][:4] == ["招标公告", "=1+1", "历城区教育和体育局", lot.code]
    assert {cell.data_type for row in rows for cell in row} == {"s"}


def test_a_broken_attachment_is_refused_with_its_reason(who, clock, agency, tmp_path):
    lot = drafted_lot(who, clock)
    broken = io.BytesIO(b"%PDF-1.7\nnothing")
    broken.name = "图纸.pdf"
    answer = agency.post(f"/notices/lots/{lot.pk}/attach/", file=broken)
    assert answer.context["form"].errors.as_data()["file"][0].code == "FILE"
    assert not lot.attachments.exists()
    sound = io.BytesIO("工程量清单说明".encode())
    sound.name = "说明.txt"
    assert agency.post(f"/notices/lots/{lot.pk}/attach/", file=sound).status_code == 302
    assert lot.attachments.get().document.is_public is False


def test_public_documents_are_everybodys_and_drafts_only_the_partys(who, clock, authority, agency):
    lot = drafted_lot(who, clock)
    file = io.BytesIO("工程量清单说明".encode())
    file.name = "说明.txt"
    agency.post(f"/notices/lots/{lot.pk}/attach/", file=file)
    path = f"/notices/attachments/{lot.attachments.get().pk}/"
    outsider = visitor(authority, who.outsider, clock)
    assert content_of(agency.get(path)) == "工程量清单说明".encode()
    assert [one.get(path).status_code for one in (outsider, Client())] == [404, 404]
    draft = f"/documents/{lot.attachments.get().document_id}/"
    assert [one.get(draft).status_code for one in (agency, outsider, Client())] == [404, 404, 404]
    agency.sign(f"/notices/lots/{lot.pk}/publish/", "notices.publish")
    answer = Client().get(path)
    assert content_of(answer) == "工程量清单说明".encode()
    assert answer["Content-Disposition"].startswith("attachment")
    notice = Client().get(f"/documents/{Notice.objects.get().document_id}/")
    assert notice["X-Document-Digest"] == Notice.objects.get().document.digest
    assert content_of(notice).startswith(b"%PDF-")


@pytest.mark.parametrize(
    "path", ["/", "/notices/", "/notices/?region=370100&q=凤鸣路&page=99&kind=nonsense", "/verify/"]
)
def test_the_public_pages_open_for_anybody(who, clock, path):
    announced_lot(who, clock)
    assert Client().get(path).status_code == 200


def test_the_desk_leads_each_role_to_its_own(who, clock, authority, agency, supervisor):
    assert Client().get("/desk/").url.startswith("/sign-in/")
    assert agency.get("/desk/").url == "/desk/tendering/"
    assert supervisor.get("/desk/").url == "/desk/supervision/"
    draft_lot(who, clock)
    assert "提交备案" in agency.text("/desk/tendering/", group="preparing", q="凤鸣路")


def test_a_long_list_of_notices_asks_few_questions(who, clock, django_assert_max_num_queries):
    lot = announced_lot(who, clock)
    first = Notice.objects.get()
    Notice.objects.bulk_create(
        Notice(lot=lot, kind=first.kind, title=f"公告 {n}", body="文", document=first.document,
               published_at=clock.now() + timedelta(minutes=n))
        for n in range(60)
    )
    with django_assert_max_num_queries(8):
        assert "公告 59" in Client().get("/notices/").content.decode()

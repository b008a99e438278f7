"""Projects, tender projects and lots (项目、招标项目、标段), the spine that every later stage hangs on."""

import uuid

from django.db import models

from gongheng.people.parties.models import Organisation
from gongheng.trading.projects.lifecycle import LOT, State
from gongheng.trust.evidence.models import Moved


class Project(models.Model):
    """An investment project (项目), data set 500."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=17, unique=True)
    name = models.CharField(max_length=600)
    region = models.CharField(max_length=6)
    address = models.CharField(max_length=2000)
    industry = models.CharField(max_length=3)  # A01 房建 …
    invest_project_code = models.CharField(max_length=24, blank=True)
    fund_source = models.CharField(max_length=1000)
    scale = models.CharField(max_length=4000)
    approval_name = models.CharField(max_length=500)
    approval_number = models.CharField(max_length=100, blank=True)
    approval_authority = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    registered_by = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()


class TenderProject(models.Model):
    """A tender project (招标项目), data set 501; it keeps the rulebook under which it began."""

    class Mode(models.TextChoices):
        OPEN = "1", "公开招标"

    class Form(models.TextChoices):
        SELF = "1", "自行招标"
        AGENCY = "2", "委托招标"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="tender_projects")
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=600)
    content = models.TextField()
    is_by_law = models.BooleanField(default=True)  # 依法必须招标
    mode = models.CharField(max_length=1, choices=Mode, default=Mode.OPEN)
    form = models.CharField(max_length=1, choices=Form, default=Form.AGENCY)
    tenderer = models.ForeignKey(Organisation, models.PROTECT, related_name="tenders")
    agency = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="agency_tenders")
    supervisor = models.ForeignKey(Organisation, models.PROTECT, related_name="supervised_tenders")
    rulebook = models.JSONField()  # kernel/procedures snapshot
    created_at = models.DateTimeField()


class Lot(Moved):
    """A lot (标段), data set 502: the unit of every lock, hold, deadline and proof."""

    lifecycle = LOT

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tender_project = models.ForeignKey(TenderProject, models.PROTECT, related_name="lots")
    code = models.CharField(max_length=23, unique=True)
    deal_code = models.CharField(max_length=40, unique=True)  # 统一交易标识码
    name = models.CharField(max_length=500)
    content = models.TextField()
    classification = models.CharField(max_length=30)  # 标段分类代码, A08 施工
    region = models.CharField(max_length=6)  # where the project is
    tenderer_region = models.CharField(max_length=6)
    agency_region = models.CharField(max_length=6, blank=True)
    place_region = models.CharField(max_length=6)  # TRA_PLACE_CODE: where it is traded = main venue
    estimate = models.DecimalField(max_digits=20, decimal_places=2)  # 合同估算价, 元
    qualification = models.TextField()
    period_days = models.PositiveIntegerField()  # 工期, 日历天
    filing_number = models.CharField(max_length=40, blank=True)  # 备案编号
    created_at = models.DateTimeField()
    bids_due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closing_root = models.BinaryField(null=True)  # Merkle root of all live bid digests at the close
    publicity_ends_at = models.DateTimeField(null=True)
    award_noticed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "bids_due_at"], name="lot_by_state_and_deadline"),
            models.Index(fields=["region", "state"], name="lot_by_region"),
            models.Index(fields=["-created_at"], name="lot_newest_first"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="lot_has_known_state"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["announced", "closed", "opening"]) | models.Q(bids_due_at__isnull=False),
                name="announced_lot_has_deadline",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None) | models.Q(closed_at__gte=models.F("bids_due_at")),
                name="lot_never_closes_early",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        """The name people know it by: the tender project's, then its own."""
        return f"{self.tender_project.name}（{self.name}）"

    def lot_in_question(self):
        return self

    def is_held(self) -> bool:
        return self.holds.filter(released_at=None).exists()


class Hold(models.Model):
    """A reason why the lot must not move on (暂停事项); several may stand at once."""

    class Kind(models.TextChoices):
        OBJECTION = "objection", "异议"
        COMPLAINT = "complaint", "投诉"
        INCIDENT = "incident", "突发情况"
        SUPERVISION = "supervision", "行政监督"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=12, choices=Kind)
    reason = models.TextField()
    clocks = models.JSONField(default=list)  # ids of the rules whose clocks it shifts, e.g. ["T10", "T11"]
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=40)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=40, blank=True)
    release_note = models.TextField(blank=True)

"""Tenders as screening sees them, what each run said of them, and what a department made of it (围串标筛查)."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from gongheng.followers.analytics.lifecycle import LEAD, LISTING, NIGHT, LeadState, ListingState, NightState, Outcome
from gongheng.people.experts.models import Expert
from gongheng.people.parties.models import Organisation
from gongheng.trading.bids.models import BidFile
from gongheng.trading.projects.models import Lot
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.models import Entry, Moved


class TenderRecord(models.Model):
    """A tender that was opened, here or in another system (交易记录); what history is made of."""

    #: The source of what happened on this platform; anything else names the system it was imported from.
    OWN = "本平台"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.OneToOneField(Lot, models.PROTECT, null=True, related_name="tender_record")
    source = models.CharField(max_length=60)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=600)
    region = models.CharField(max_length=6)
    trade = models.CharField(max_length=30)  # 标段分类代码
    method = models.CharField(max_length=20, blank=True)  # how the winner is found, in the engine's words
    buyer = models.CharField(max_length=200)
    agency = models.CharField(max_length=200, blank=True)
    supervisor = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")  # null: by region
    ceiling = models.DecimalField(max_digits=20, decimal_places=2, null=True)  # 最高投标限价, 元
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)  # when the winner was known
    evidence = models.JSONField(default=dict)  # what else the source knew, in the shapes of gathering.py
    screening = models.ForeignKey("Screening", models.PROTECT, null=True, related_name="+")  # the newest

    class Meta:
        ordering = ["-opened_at", "code"]
        constraints = [models.UniqueConstraint(fields=["source", "code"], name="a_source_names_a_tender_once")]
        indexes = [models.Index(fields=["opened_at"], name="tender_record_by_opening")]


class BidRecord(models.Model):
    """A bid as it was opened (报价记录)."""

    tender = models.ForeignKey(TenderRecord, models.PROTECT, related_name="bids")
    uscc = models.CharField(max_length=18)
    name = models.CharField(max_length=200)
    total = models.DecimalField(max_digits=20, decimal_places=2)  # 元
    won = models.BooleanField(null=True)  # null: not decided yet

    class Meta:
        ordering = ["total", "uscc"]
        constraints = [models.UniqueConstraint(fields=["tender", "uscc"], name="a_firm_bids_once_in_a_record")]
        indexes = [models.Index(fields=["uscc"], name="bid_record_by_firm")]


class FileTraces(models.Model):
    """What an opened bid's file tells besides its words (文件痕迹): a pure function of its bytes, taken out once."""

    file = models.OneToOneField(BidFile, models.PROTECT, related_name="traces")
    origin = models.JSONField(default=list)  # [[kind, value]]; numbers of machines under the secret of their year
    bill = models.JSONField(default=list)  # [[item, unit price, quantity, unit, amount]], "" where absent
    is_cut = models.BooleanField(default=False)  # more pictures than the limits allow
    problem = models.CharField(max_length=300, blank=True)  # why nothing could be taken out


class PictureTrace(models.Model):
    """One picture inside a bid's file (内嵌图片), by digest and perceptual hash; the picture itself stays there."""

    traces = models.ForeignKey(FileTraces, models.PROTECT, related_name="pictures")
    page = models.PositiveIntegerField()
    digest = models.CharField(max_length=43, db_index=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    likeness = models.CharField(max_length=16, blank=True)  # 64 bits in hexadecimal, "" where it was not decoded

    class Meta:
        constraints = [models.UniqueConstraint(fields=["traces", "digest"], name="a_file_holds_a_picture_once")]


class Run(models.Model):
    """One run of the engine at one of three moments (筛查运行); its entry commits to every result by salted digest."""

    class Moment(models.TextChoices):
        OPENING = "opening", "开标后"
        EVALUATED = "evaluated", "评标后"
        NIGHTLY = "nightly", "每日"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    moment = models.CharField(max_length=10, choices=Moment)
    as_of = models.DateTimeField()
    model_version = models.CharField(max_length=60)
    salt = models.BinaryField(max_length=32)  # or anybody could recompute the results and find theirs in the log
    digest = models.CharField(max_length=43)
    tenders = models.PositiveIntegerField()  # looked at
    made = models.PositiveIntegerField()  # whose inputs had changed
    seconds = models.DecimalField(max_digits=10, decimal_places=2)
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")


class Screening(models.Model):
    """What the engine said about one tender (筛查结果), a pure function of inputs, time and model; never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tender = models.ForeignKey(TenderRecord, models.PROTECT, related_name="screenings")
    run = models.ForeignKey(Run, models.PROTECT, related_name="screenings")
    inputs_digest = models.CharField(max_length=43)
    value = models.FloatField()  # 0–100; ranks what people look at, never bids
    prior = models.FloatField()  # 0–1
    is_statutory = models.BooleanField()
    families = ArrayField(models.CharField(max_length=1))  # that added suspicion, strongest first
    coalition = ArrayField(models.CharField(max_length=40))
    signs = ArrayField(models.CharField(max_length=4), default=list)  # indicators that spoke against somebody
    result = models.JSONField()  # {"index": …, "said": …, "indicators": …}, canonical numbers

    class Meta:
        ordering = ["-run__as_of"]
        constraints = [
            models.UniqueConstraint(fields=["run", "tender"], name="a_run_says_one_thing_of_a_tender"),
            models.CheckConstraint(condition=models.Q(value__gte=0, value__lte=100), name="an_index_is_a_percentage"),
        ]


class View(models.Model):
    """Who looked at which tender's screening (查阅记录); the log knows only a salted digest of what was seen."""

    tender = models.ForeignKey(TenderRecord, models.PROTECT, related_name="views")
    screening = models.ForeignKey(Screening, models.PROTECT, related_name="+")
    person = models.CharField(max_length=40)
    at = models.DateTimeField()
    salt = models.BinaryField(max_length=32)
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at"]


class Lead(Moved):
    """A tender that a department studies (线索), and what became of it; its outcome is a label."""

    lifecycle = LEAD

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tender = models.OneToOneField(TenderRecord, models.PROTECT, related_name="lead")
    screening = models.ForeignKey(Screening, models.PROTECT, related_name="+")  # that it began with
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    opened_by = models.CharField(max_length=40)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # of the step that is open
    ticks = models.JSONField(default=dict)  # "P7-0" -> [person, moment]: innocent explanations that were looked into
    reason = models.TextField(blank=True)  # of the last decision
    decided_by = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    authority = models.CharField(max_length=200, blank=True)  # to whom it was transferred
    letter = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    transferred_at = models.DateTimeField(null=True)
    case_number = models.CharField(max_length=60, blank=True)
    accepted_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    penalty = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=LeadState.values), name="lead_has_known_state"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["transferred", "investigated", "fed_back"])
                | models.Q(letter__isnull=False, transferred_at__isnull=False),
                name="transferred_lead_has_a_letter",
            ),
            models.CheckConstraint(
                condition=models.Q(state="fed_back") ^ models.Q(outcome=""), name="only_feedback_has_an_outcome"
            ),
        ]


class Listing(Moved):
    """A firm or an expert on the watch-list (重点关注名单); who entered it may not take it off."""

    lifecycle = LISTING

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    department = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    firm = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    expert = models.ForeignKey(Expert, models.PROTECT, null=True, related_name="+")
    reason = models.TextField()
    entered_by = models.CharField(max_length=40)
    entered_at = models.DateTimeField()
    until = models.DateTimeField()
    removed_by = models.CharField(max_length=40, blank=True)
    removed_at = models.DateTimeField(null=True)
    removal_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-entered_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=ListingState.values), name="listing_has_known_state"),
            models.CheckConstraint(
                condition=models.Q(firm=None) ^ models.Q(expert=None), name="a_listing_is_of_a_firm_or_an_expert"
            ),
            models.CheckConstraint(
                condition=~models.Q(removed_by=models.F("entered_by")), name="another_person_ends_a_listing"
            ),
            models.UniqueConstraint(
                fields=["department", "firm"], condition=models.Q(state="listed", firm__isnull=False),
                name="a_department_lists_a_firm_once",
            ),
            models.UniqueConstraint(
                fields=["department", "expert"], condition=models.Q(state="listed", expert__isnull=False),
                name="a_department_lists_an_expert_once",
            ),
        ]


class Alert(models.Model):
    """Somebody on the watch-list did something (重点关注提醒); the entry that told of it is the proof."""

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", "开标签到"
        OPENED = "opened", "投标文件开启"
        DRAWN = "drawn", "专家被抽中"

    listing = models.ForeignKey(Listing, models.PROTECT, related_name="alerts")
    kind = models.CharField(max_length=10, choices=Kind)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    seen_by = models.CharField(max_length=40, blank=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["listing", "entry"], name="an_entry_alerts_a_listing_once")]


class Report(models.Model):
    """The figures of one month or year as they were issued (监测月报、年报); issuing again makes another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    department = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    month = models.DateField()  # of a year's report, its January
    is_yearly = models.BooleanField(default=False)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at"]


class TradeYear(models.Model):
    """Who sticks together, always loses or never meets in a year of what one department may see (行业群落)."""

    department = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    until = models.DateTimeField()  # the year before this moment
    is_month = models.BooleanField()  # the end of a month: kept for its report
    result = models.JSONField()  # {"groups": …, "losers": …, "divisions": …}, as examining.reckon tells them

    class Meta:
        ordering = ["-until"]
        constraints = [
            models.UniqueConstraint(fields=["department", "until"], name="a_department_reckons_a_year_once")
        ]


class Night(Moved):
    """The screening of one night (夜间筛查): the clock calls it, the follower carries it out and plans the next."""

    lifecycle = NIGHT

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    runs_at = models.DateTimeField(unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=NightState.values), name="night_has_known_state")
        ]

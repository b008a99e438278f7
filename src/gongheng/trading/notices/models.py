"""Tender documents, notices, clarifications and questions (招标文件、公告、澄清、提问)."""

import uuid

from django.db import models

from gongheng.trading.projects.models import Lot
from gongheng.trust.documents.models import Document


class TenderDocument(models.Model):
    """One version of a lot's tender document (招标文件), data set 504; versions after the first are corrigenda.

    The draft (``published_at`` empty) is edited in place; a published version never changes.
    ``digest`` is over the canonical data and is what every sealed bid binds to.
    """

    class Fallback(models.TextChoices):
        """When trustees may open a bid in the bidder's stead (security.md 4.a)."""

        ON_REQUEST = "on_bidder_request", "投标人申请时"
        ON_FAULT = "on_platform_fault", "投标人申请或平台故障时"
        NEVER = "never", "不启用兜底开启"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="tender_documents")
    version = models.PositiveSmallIntegerField()
    method = models.JSONField()  # evaluation/method.py, EvaluationMethod.to_json()
    qualification = models.TextField()
    ceiling = models.DecimalField(max_digits=20, decimal_places=2)  # 最高投标限价, 元
    deposit = models.DecimalField(max_digits=20, decimal_places=2)  # 投标保证金, 元
    validity_days = models.PositiveSmallIntegerField()  # 投标有效期
    quality = models.CharField(max_length=200)
    sale_starts_at = models.DateTimeField()
    sale_ends_at = models.DateTimeField()
    bids_due_at = models.DateTimeField()  # = opening (法34)
    fallback = models.CharField(max_length=20, choices=Fallback, default=Fallback.ON_FAULT)
    corrigendum = models.TextField(blank=True)  # what this version changed, in words; empty for the first
    digest = models.BinaryField(null=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "version"], name="one_tender_document_per_version"),
            models.CheckConstraint(
                condition=models.Q(published_at=None) | models.Q(digest__isnull=False),
                name="published_tender_document_has_digest",
            ),
        ]


class Attachment(models.Model):
    """A file that belongs to the tender document: drawings, bill of quantities (附件)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="attachments")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()


class Notice(models.Model):
    """Something made public about a lot; never edited, only followed by another (公告公示)."""

    class Kind(models.TextChoices):
        ANNOUNCEMENT = "announcement", "招标公告"
        CLARIFICATION = "clarification", "澄清与修改"
        CANDIDATES = "candidates", "中标候选人公示"
        RESULT = "result", "中标结果公告"
        FAILURE = "failure", "招标失败公告"
        TERMINATION = "termination", "终止公告"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=14, choices=Kind)
    title = models.CharField(max_length=600)
    body = models.TextField()
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "-published_at"], name="notice_by_kind_newest")]


class Clarification(models.Model):
    """A clarification or change of the tender document (澄清修改); number = corrigendum number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="clarifications")
    number = models.PositiveSmallIntegerField()
    content = models.TextField()
    affects_bids = models.BooleanField()
    due_before = models.DateTimeField()
    due_after = models.DateTimeField()
    notice = models.OneToOneField(Notice, models.PROTECT, related_name="clarification")
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "number"], name="clarifications_are_numbered")]


class Question(models.Model):
    """A question or objection about the tender document; who asked is not stored (BIDDER_SET is secret)."""

    class Kind(models.TextChoices):
        QUESTION = "question", "提问"
        OBJECTION = "objection", "对招标文件的异议"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="questions")
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField()
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    hold = models.OneToOneField("projects.Hold", models.PROTECT, null=True, related_name="+")

"""The archived file of a lot (案卷)."""

import uuid

from django.db import models

from gongheng.trading.projects.models import Lot
from gongheng.trust.documents.models import Document


class Volume(models.Model):
    """A lot's volume (卷): one lot, one volume, one number; written, read back, then never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.OneToOneField(Lot, models.PROTECT, related_name="volume")
    number = models.CharField(max_length=60, unique=True)  # 档号
    folder = models.CharField(max_length=100)  # below the file store; the ZIP has the same name
    package_digest = models.CharField(max_length=43)  # over 其他/固化信息.json, which lists every file
    file_count = models.PositiveIntegerField()
    byte_count = models.BigIntegerField()
    index = models.ForeignKey(Document, models.PROTECT, related_name="+")  # 目录.pdf
    report = models.JSONField()  # 四性检测
    contents = models.JSONField()  # [{number, title, responsible, date, path, size, digest}] in order
    sealed_at = models.DateTimeField()
    checked_at = models.DateTimeField()  # read back and compared

    def __str__(self) -> str:
        return self.number

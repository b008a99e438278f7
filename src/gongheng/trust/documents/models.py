"""Documents that the platform issues or is given (文书与附件)."""

import uuid

from django.db import models


class Document(models.Model):
    """A file in the store, known by its digest; what it is and which lot it belongs to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)  # notice, tender_document, opening_record, … or attachment
    title = models.CharField(max_length=300)
    lot = models.UUIDField(null=True, db_index=True)
    digest = models.CharField(max_length=43, db_index=True)  # b64 SM3, label ggzy/file/v1
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    is_public = models.BooleanField(default=False)
    created_at = models.DateTimeField()

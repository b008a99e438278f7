"""What was written in rooms before it was chained gets its chain now, in the order in which it was written."""

from django.db import migrations, models

from gongheng.crypto import recordings
from gongheng.crypto.canonical import b64, timestamp


def chain(apps, schema_editor) -> None:
    heads: dict = {}
    for row in apps.get_model("meetings", "Message").objects.select_related("sender").order_by("pk"):
        number, previous = heads.get(row.meeting_id, (0, ""))
        row.number = number + 1
        row.link = b64(recordings.line(
            str(row.meeting_id), row.number, previous, row.sender.label, timestamp(row.sent_at), row.text
        ))
        row.save(update_fields=["number", "link"])
        heads[row.meeting_id] = row.number, row.link


class Migration(migrations.Migration):

    dependencies = [("meetings", "0001_initial")]

    operations = [
        migrations.AddField("message", "number", models.PositiveIntegerField(null=True)),
        migrations.AddField("message", "link", models.CharField(max_length=43, default=""), preserve_default=False),
        migrations.RunPython(chain, migrations.RunPython.noop),
        migrations.AlterField("message", "number", models.PositiveIntegerField()),
        migrations.AlterModelOptions("message", {"ordering": ["number"]}),
        migrations.AddConstraint(
            "message",
            models.UniqueConstraint(fields=("meeting", "number"), name="lines_of_a_meeting_are_numbered"),
        ),
    ]

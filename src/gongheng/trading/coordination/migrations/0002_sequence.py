"""The serial number inside the numbers of venue orders (要约单流水号)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("coordination", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE venue_order_sequence MINVALUE 1 MAXVALUE 999999 CYCLE", "DROP SEQUENCE venue_order_sequence"
        )
    ]

"""The serial numbers inside project codes and unified deal codes (流水号): one sequence each, never reused."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial")]

    operations = [
        migrations.RunSQL(
            f"CREATE SEQUENCE {name} MINVALUE 1 MAXVALUE 999999", f"DROP SEQUENCE {name}"
        )
        for name in ("project_code_sequence", "deal_code_sequence")
    ]

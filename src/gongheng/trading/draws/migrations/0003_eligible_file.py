from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('draws', '0002_kinds_calls_and_sealed_seats'),
    ]

    operations = [
        migrations.AddField(
            model_name='draw',
            name='eligible_file',
            field=models.CharField(blank=True, default='', max_length=43),
        ),
    ]

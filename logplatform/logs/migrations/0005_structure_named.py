from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('logs', '0004_record_numbers'),
    ]

    operations = [
        migrations.AddField(
            model_name='structure',
            name='named',
            field=models.JSONField(default=list),
        ),
    ]

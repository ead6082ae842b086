from typing import Any

from django.db import migrations, models
from django.db.models import F

# What a plan had that took every section; it takes the new ones too.
EVERY = (
    "summary",
    "severity",
    "new_templates",
    "vanished_templates",
    "movers",
    "variables",
    "gaps",
    "storage",
)
EVERY_NOW = (
    "summary",
    "anomalies",
    "severity",
    "new_templates",
    "vanished_templates",
    "movers",
    "variables",
    "gaps",
    "detectors",
    "storage",
)


def fill(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401, ARG001  (Django's)
    apps.get_model("reports", "Rule").objects.update(watched_since=F("evaluated_minute"))
    for plan in apps.get_model("reports", "ReportPlan").objects.all():
        if set(plan.sections) == set(EVERY):
            plan.sections = list(EVERY_NOW)
            plan.save(update_fields=["sections"])


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="rule", name="heard", field=models.JSONField(default=dict)
        ),
        migrations.AddField(
            model_name="rule", name="watched_since", field=models.BigIntegerField(default=0)
        ),
        migrations.AlterField(
            model_name="rule",
            name="kind",
            field=models.CharField(
                choices=[
                    ("count", "Count"),
                    ("rate", "Rate"),
                    ("absence", "Absence"),
                    ("new_template", "New Template"),
                    ("template_change", "Template Change"),
                    ("variable", "Variable"),
                    ("anomaly", "Anomaly"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

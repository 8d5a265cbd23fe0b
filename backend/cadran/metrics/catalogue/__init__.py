"""The thirteen KPIs and their companions, each declared once, in the order of the four dashboards."""

from cadran.metrics.catalogue import activity, data_health, day, field, pipeline, quality
from cadran.metrics.kpi import Kpi

KPIS: tuple[Kpi, ...] = (
    *activity.KPIS,
    *pipeline.KPIS,
    *day.KPIS,
    *quality.KPIS,
    *data_health.KPIS,
    *field.KPIS,
)
BY_NAME: dict[str, Kpi] = {kpi.name: kpi for kpi in KPIS}
DASHBOARDS = ("activity", "day", "data-health", "field")

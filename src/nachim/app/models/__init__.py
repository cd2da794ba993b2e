"""What nachim remembers. Rows of companies lie in the lake; here are goals, KPIs, people and the mart."""

from nachim.app.models.channels import Channel, PlaybookEntry, Watching
from nachim.app.models.data import Connection, ImportRun, Table
from nachim.app.models.definitions import EventRows, MetricTest
from nachim.app.models.drivers import DriverEdge
from nachim.app.models.findings import Action, Event, Finding
from nachim.app.models.forecasts import Call, Forecast, StatusOverride
from nachim.app.models.goals import Goal, Guardrail, Kpi, Metric, MetricVersion, Target
from nachim.app.models.leads import LeadLook
from nachim.app.models.mart import Observation, Refresh, Series
from nachim.app.models.mbo import Sheet, SheetVersion
from nachim.app.models.okr import CheckIn, KeyResult
from nachim.app.models.people import Membership, OneTimeLink, Role, User, Workspace
from nachim.app.models.revisions import Judgement, KpiRead, KpiVersion
from nachim.app.models.teams import Team
from nachim.app.models.trail import AuditEntry, Change, Schedule

__all__ = [
    "Action",
    "AuditEntry",
    "Call",
    "Change",
    "Channel",
    "CheckIn",
    "Connection",
    "DriverEdge",
    "Event",
    "EventRows",
    "Finding",
    "Forecast",
    "Goal",
    "Guardrail",
    "ImportRun",
    "Judgement",
    "KeyResult",
    "Kpi",
    "KpiRead",
    "KpiVersion",
    "LeadLook",
    "Membership",
    "Metric",
    "MetricTest",
    "MetricVersion",
    "Observation",
    "OneTimeLink",
    "PlaybookEntry",
    "Refresh",
    "Role",
    "Schedule",
    "Series",
    "Sheet",
    "SheetVersion",
    "StatusOverride",
    "Table",
    "Target",
    "Team",
    "User",
    "Watching",
    "Workspace",
]

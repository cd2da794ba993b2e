"""What nachim remembers. Rows of companies lie in the lake; here are goals, KPIs, people and the mart."""

from nachim.app.models.api import ApiAnswer, ApiToken, ApiUse, EventBatch
from nachim.app.models.channels import Channel, PlaybookEntry, Watching
from nachim.app.models.data import Connection, ImportRun, Table
from nachim.app.models.definitions import EventRows, MetricTest
from nachim.app.models.drivers import DriverEdge
from nachim.app.models.findings import Action, Event, Finding
from nachim.app.models.forecasts import Call, Forecast, KpiStanding, StatusOverride
from nachim.app.models.goals import Goal, Guardrail, Kpi, Metric, MetricVersion, Target
from nachim.app.models.leads import LeadLook
from nachim.app.models.login import Device, Factor, Identity, RecoveryCode, Tries
from nachim.app.models.mart import Observation, Refresh, Series
from nachim.app.models.mbo import Sheet, SheetVersion
from nachim.app.models.notices import NoticeRead, Screen
from nachim.app.models.okr import CheckIn, KeyResult
from nachim.app.models.people import Membership, OneTimeLink, Role, User, Workspace
from nachim.app.models.revisions import Judgement, KpiRead, KpiVersion
from nachim.app.models.teams import Team, TeamMember
from nachim.app.models.trail import AuditEntry, Change, Schedule

__all__ = [
    "Action",
    "ApiAnswer",
    "ApiToken",
    "ApiUse",
    "AuditEntry",
    "Call",
    "Change",
    "Channel",
    "CheckIn",
    "Connection",
    "Device",
    "DriverEdge",
    "Event",
    "EventBatch",
    "EventRows",
    "Factor",
    "Finding",
    "Forecast",
    "Goal",
    "Guardrail",
    "Identity",
    "ImportRun",
    "Judgement",
    "KeyResult",
    "Kpi",
    "KpiRead",
    "KpiStanding",
    "KpiVersion",
    "LeadLook",
    "Membership",
    "Metric",
    "MetricTest",
    "MetricVersion",
    "NoticeRead",
    "Observation",
    "OneTimeLink",
    "PlaybookEntry",
    "RecoveryCode",
    "Refresh",
    "Role",
    "Schedule",
    "Screen",
    "Series",
    "Sheet",
    "SheetVersion",
    "StatusOverride",
    "Table",
    "Target",
    "Team",
    "TeamMember",
    "Tries",
    "User",
    "Watching",
    "Workspace",
]

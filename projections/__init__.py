"""The read models. Each is one file; this is their register."""

from projections.audit_trail import AuditTrail
from projections.case_status import CaseStatus
from projections.deadlines import Deadlines
from projections.decisions import Decisions
from projections.flow import Flow
from projections.matters import Matters
from projections.meetings import Meetings
from projections.notices import Notices
from projections.orders import Orders
from projections.readership import Readership
from projections.search import Search
from projections.structure import StructureView
from projections.view import View

VIEWS: tuple[View, ...] = (
    Readership(), CaseStatus(), AuditTrail(), Decisions(), StructureView(), Search(),
    Notices(), Meetings(), Orders(), Deadlines(), Flow(), Matters(),
)  # fmt: skip

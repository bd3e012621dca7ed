"""The closed lists of words that a case, an order or a report is described in."""

from enum import StrEnum


class Status(StrEnum):
    RAISED = "raised"
    DISCUSSED = "discussed"
    ESCALATED = "escalated"
    RETURNED = "returned"
    ASSIGNED = "assigned"
    CLOSED = "closed"


class PreventionLevel(StrEnum):
    UNIVERSAL = "universal"
    SELECTIVE = "selective"
    INDICATED = "indicated"


class Conclusion(StrEnum):
    CONTINUE = "continue"
    HANDLE_LOCALLY = "handle_locally"
    ASK_TO_LIFT = "ask_to_lift"
    DECIDED = "decided"


class Why(StrEnum):
    """Why the holder lifts: it cannot solve the case, or did not manage to."""

    CANNOT = "cannot"
    DID_NOT_MANAGE = "did_not_manage"


class ReferralReason(StrEnum):
    INDIVIDUAL_CASE = "individual_case"
    LEGAL_DUTY = "legal_duty"
    OTHER_RESPONSIBILITY = "other_responsibility"
    OTHER_THEME = "other_theme"


class AssignmentState(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    COMPLETED = "completed"


class Effect(StrEnum):
    WANTED = "wanted"
    PARTLY = "partly"
    NONE = "none"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How a case ended; `handed_over` is to ordinary operation."""

    RESOLVED = "resolved"
    HANDED_OVER = "handed_over"
    NO_ACTION = "no_action"
    REFERRED = "referred"
    MERGED = "merged"
    INDIVIDUAL_CASE = "individual_case"


class LinkKind(StrEnum):
    RELATES = "relates"
    DUPLICATES = "duplicates"
    SPLIT_FROM = "split_from"


class OrderKind(StrEnum):
    """What is ordered: that something is looked into, mapped in steps until there is an action
    plan, or done."""

    ANALYSIS = "analysis"
    MAPPING = "mapping"
    ACTION = "action"


class OrderState(StrEnum):
    PLACED = "placed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DELIVERED = "delivered"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class Requester(StrEnum):
    """At whose request words are erased. Never a name."""

    DATA_SUBJECT = "data_subject"
    GUARDIAN = "guardian"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    AUTHORITY = "authority"
    OWN_INITIATIVE = "own_initiative"


class LegalBasis(StrEnum):
    """On what ground words are erased: the duty of confidentiality (forvaltningsloven § 13), the
    right to erasure (GDPR article 17), or that they should never have been recorded."""

    CONFIDENTIALITY = "confidentiality"
    RIGHT_TO_ERASURE = "right_to_erasure"
    RECORDED_BY_MISTAKE = "recorded_by_mistake"


class DeadlineKind(StrEnum):
    """What is waited for: that the holder does something with a case, that an assignment is
    answered, that it is completed, that a measure is evaluated, that an answer is given; that an
    order is answered, that it is delivered, that what was delivered is approved or sent back."""

    STANDING = "standing"
    ACCEPTANCE = "acceptance"
    ASSIGNMENT = "assignment"
    EVALUATION = "evaluation"
    ANSWER = "answer"
    ORDER_ACCEPTANCE = "order_acceptance"
    ORDER = "order"
    APPROVAL = "approval"


class AnnualSection(StrEnum):
    """The sections of a year's report, in the order in which they stand there."""

    FOREWORD = "foreword"
    STRUCTURE = "structure"
    MEETINGS = "meetings"
    IN_THE_TEAMS = "in_the_teams"
    IN_THE_GROUP = "in_the_group"
    DONE = "done"
    CHALLENGES = "challenges"
    FEEDBACK = "feedback"
    NEXT_YEAR = "next_year"

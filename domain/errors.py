"""What is refused. Each docstring is the sentence that the user reads; facts are fields."""


class Refusal(Exception):
    """A rule said no."""

    def __init__(self, **facts: str | int | None) -> None:
        super().__init__(self.sentence)
        self.facts = facts

    @property
    def sentence(self) -> str:
        return " ".join((self.__doc__ or "").split())


class Invalid(Refusal):
    """What was sent cannot be understood."""


class InTheFuture(Invalid):
    """This has not happened yet: the time lies in the future. Give the time when it occurred."""


class BeforeTheCase(Invalid):
    """This is said to have occurred before the case was raised. Check the date."""


class OrganUnknown(Invalid):
    """There is no organ with this key in the municipality. Its organs stand at /api/organs."""


class ServiceUnknown(Invalid):
    """There is no service or organ with this name in the municipality. Ask for it to be added."""


class PlaceUnknown(Invalid):
    """There is no organ, service or outside place with this name. A referral goes to an organ, a
    service, or one of: police, child_welfare, health, school, county, nav, other_municipality,
    other."""


class ThemeUnknown(Invalid):
    """There is no such theme in the municipality's list. Choose one of its keys."""


class FocusAreaUnknown(Invalid):
    """There is no focus area with this key in the municipality. The board sets focus areas."""


class AgesTurnedRound(Invalid):
    """The ages are turned round: write the youngest first."""


class DueBeforeItBegan(Invalid):
    """The date lies before the day this was decided. Give a later date."""


class SummaryMissing(Invalid):
    """Say in a few words what was discussed."""


class DecisionWordsMissing(Invalid):
    """The conclusion is "decided", but the decision itself is missing. Write it in words."""


class DecisionWordsUnwanted(Invalid):
    """A decision in words goes with the conclusion "decided". Choose that, or leave it out."""


class ReasonMissing(Invalid):
    """A reason is missing."""


class MergeTargetMissing(Invalid):
    """Say which case it was merged into."""


class MergeTargetUnwanted(Invalid):
    """Only the outcome "merged" goes with another case. Choose that, or leave the case out."""


class OrganIsDissolved(Refusal):
    """This organ is dissolved. Choose one that still meets."""


class ServiceIsMerged(Refusal):
    """This service has been merged into another. Choose that one."""


class CaseIsClosed(Refusal):
    """The case is closed. Reopen it first."""


class CaseIsNotClosed(Refusal):
    """The case is not closed, so it cannot be reopened."""


class NotTheHolder(Refusal):
    """Another organ holds the case now. Only its holder discusses it, lifts it and sends it on."""


class OnlyACoordinatorLifts(Refusal):
    """Only a coordinator lifts a case. Conclude a discussion with "ask_to_lift" instead."""


class LiftNotAllowed(Refusal):
    """The holder does not lift to this organ. Where it may lift stands at /api/organs."""


class NotDiscussed(Refusal):
    """The holder has not discussed the case yet. Log the discussion first, or mark the lift as
    urgent and say why."""


class NotBelowNorBefore(Refusal):
    """A case is sent down to an organ below its holder, or back to the one that it came from."""


class AlreadyThere(Refusal):
    """This organ holds the case already."""


class AssignmentUnknown(Refusal):
    """The case has no assignment with this number."""


class AssignmentAnswered(Refusal):
    """This assignment has been answered already."""


class MeasureUnknown(Refusal):
    """The case has no measure with this number."""


class MeasureEvaluatedAlready(Refusal):
    """This measure has been evaluated already. Correct that entry instead."""


class MeasureWithdrawn(Refusal):
    """The decision to start this measure has been reversed."""


class MeasuresUnevaluated(Refusal):
    """A measure of this case has not been evaluated. Evaluate it, or give a reason for closing
    without."""


class AnswerToAStranger(Refusal):
    """This organ has neither raised nor held the case, so it waits for no answer."""


class AnswerUnknown(Refusal):
    """The case has no answer with this number."""


class AnswerAcknowledgedAlready(Refusal):
    """This answer has been acknowledged already."""


class NotYourAnswer(Refusal):
    """This answer was given to another organ. It is acknowledged on behalf of that one."""


class SameCase(Refusal):
    """This is the same case. Name another one."""


class MergeTargetClosed(Refusal):
    """The other case is closed. Reopen it first, or merge the other way round."""


class LinkedAlready(Refusal):
    """The two cases are linked in this way already."""


class NothingChanged(Refusal):
    """This is how it is already."""


class EntryUnknown(Refusal):
    """The case has no entry at this position. Its entries stand in its history."""


class NotADecision(Refusal):
    """The entry at this position is not a decision that can be reversed."""


class ReversedAlready(Refusal):
    """This decision has been reversed already."""


class TextUnknown(Refusal):
    """The case has no such text, or it has been erased already."""


class NotRestricted(Refusal):
    """This case is not restricted."""


class OpenAlready(Refusal):
    """This case is open to you already."""


class ClockPausedAlready(Refusal):
    """The clock of this case is paused already."""


class ClockNotPaused(Refusal):
    """The clock of this case is not paused."""


class DeadlineUnknown(Refusal):
    """There is no such deadline any more."""


class DeadlineNotReached(Refusal):
    """It has not come to that with this deadline yet, or it is past that."""


class DeadlineNoticed(Refusal):
    """This has been recorded of the deadline already."""


class DaysImpossible(Invalid):
    """A number of days is at least one. Leave it out where there is to be no deadline."""


class WarningTooEarly(Invalid):
    """The warning would come before the time has begun. Warn fewer days before than anything may
    take."""


class ClosedStandsForEver(Invalid):
    """A closed case stands for ever. Give days for the other statuses only."""


class ThresholdTooLow(Invalid):
    """With a threshold below 2 nothing is protected: one matter alone would be shown. Give at least
    2."""


class StandingTwice(Invalid):
    """The same status and level are given days twice."""


class OrganExists(Refusal):
    """There is an organ with this key already."""


class ServiceExists(Refusal):
    """There is a service with this name already."""


class SeatUnknown(Refusal):
    """The organ has no seat with this number."""


class GuestWithoutADay(Invalid):
    """A guest sits in on one meeting. Give its day as the last day of the seat."""


class PersonUnknown(Invalid):
    """There is no person with this id here. Those that there are stand at /api/persons."""


class MembersHaveSeats(Invalid):
    """Nobody is made a member by a role. Give the person a seat in an organ or a service."""


class OnlyThePersonConfirms(Refusal):
    """Only the person themselves confirms the duty of confidentiality."""


class ConfidentialityTextReplaced(Refusal):
    """The text on confidentiality has been replaced since you read it. Read the new one first."""


class SeatLeftAlready(Refusal):
    """This seat has been left already."""


class CadenceImpossible(Invalid):
    """A cadence is a number of weeks between meetings, or a number of meetings per month or
    year, and at least one."""


class QuorumImpossible(Invalid):
    """A quorum is a number of seats, and at least one."""


class MeetingEndsTooSoon(Invalid):
    """A meeting ends after it begins."""


class MeetingLiesAhead(Invalid):
    """This meeting has not begun yet. Wait until its day, or move it to when it was held."""


class MeetingIsClosed(Refusal):
    """This meeting is closed. What was wrong is corrected in the case itself, or by a remark."""


class MeetingIsNotClosed(Refusal):
    """This meeting is not closed yet."""


class MeetingIsCancelled(Refusal):
    """This meeting was cancelled. Convene another one."""


class MeetingHasBegun(Refusal):
    """Attendance has been taken, or something was logged in it, so the meeting was held. Close it
    instead."""


class NothingWaits(Refusal):
    """All that waits for this meeting is on its agenda already."""


class ItemUnknown(Refusal):
    """The agenda has no item with this number."""


class ItemAboutNothing(Invalid):
    """Say what the item is about: cases, or a title."""


class OnTheAgendaAlready(Refusal):
    """This is on the agenda already."""


class OrderIncomplete(Refusal):
    """The order must name every item of the agenda once. Read the agenda again: somebody may have
    added to it."""


class ItemIsPostponed(Refusal):
    """This item is postponed to the next meeting."""


class ItemIsNotPostponed(Refusal):
    """This item is not postponed, so there is nothing to take back."""


class NothingToLift(Refusal):
    """This item is about no case, so there is nothing to lift or to handle locally. Say that it
    is continued, or what was decided."""


class NotAGuest(Refusal):
    """This person is no guest of the meeting."""


class ItemAboutAnother(Refusal):
    """This item is not about that case. Put the case on the agenda first."""


class GuestAdmittedAlready(Refusal):
    """This guest is admitted already."""


class MinutesApprovedAlready(Refusal):
    """These minutes have been approved already."""


class NotALaterMeeting(Refusal):
    """Minutes are approved at a later meeting of the same organ, while it is open."""


class NotLoggedHere(Refusal):
    """Only the newest entry of a case or of the plan is withdrawn, and only in the meeting that it
    was logged in. Correct an older one, or reverse the decision."""


class MergeNotWithdrawn(Refusal):
    """The other case has taken this one in. Reverse the closing instead."""


class PeriodTurnedRound(Invalid):
    """The period ends before it begins."""


class OnlyTheBoardSets(Refusal):
    """Only an organ at the steering level sets this. Act for the board."""


class FocusAreaExists(Refusal):
    """This focus area is set for that year already."""


class BeforeTheOrder(Invalid):
    """This is said to have occurred before the order was placed. Check the date."""


class OnlyTheBoardOrTheGroupOrders(Refusal):
    """Only an organ at the steering or the coordinating level orders something. Act for the board
    or the group."""


class OrderedFromItself(Invalid):
    """An organ orders nothing from itself. Say who else is to do it."""


class MandateMissing(Invalid):
    """A mapping has a mandate and steps. Write both."""


class MandateUnwanted(Invalid):
    """Only a mapping has a mandate and steps. Order a mapping, or leave them out."""


class MappingTooShort(Invalid):
    """There is too little time for this mapping: give it at least a week for each of its steps."""


class ActionPlanMissing(Invalid):
    """A mapping ends in an action plan. Say which."""


class ActionPlanUnwanted(Invalid):
    """Only a mapping ends in an action plan. Leave it out, or say it in the report."""


class OrderAcceptedAlready(Refusal):
    """This order has been accepted already."""


class OrderedFromAnother(Refusal):
    """This was ordered from another organ or service. It is answered on behalf of that one."""


class NotYourOrder(Refusal):
    """Another organ placed this order. It is approved, sent back and withdrawn on behalf of that
    one."""


class OrderIsDelivered(Refusal):
    """This order has been delivered. It is to be approved, or sent back."""


class OrderIsNotDelivered(Refusal):
    """Nothing has been delivered on this order that could be approved or sent back."""


class OrderIsEnded(Refusal):
    """This order was approved, declined or withdrawn. Place another one."""


class StepUnknown(Invalid):
    """The order has no step with this number."""


class StepTakenAlready(Refusal):
    """This step has been taken already."""


class NoSeatThere(Refusal):
    """This person has no seat there. Pass it on to somebody who has."""


class YearLiesAhead(Invalid):
    """This year has not begun yet, so there is nothing to report of it."""


class YearIsNotOver(Refusal):
    """The year is not over yet, and what happens in the rest of it would be missing. Freeze its
    report once it is."""


class AnnualReportIsFrozen(Refusal):
    """The report of this year is frozen, and stays as it is. What has come since belongs in the
    next one."""


class FeedbackEmpty(Invalid):
    """Nothing is said. Say what works, what does not, or what to change."""


class NothingLost(Refusal):
    """Nothing that was signed is missing. There is no loss to accept."""


class MunicipalityExists(Refusal):
    """The municipality is registered already."""


class StreamUnknown(Refusal):
    """There is no such case, organ or service."""


class StaleVersion(Refusal):
    """Somebody else has changed this since you read it. Read it again, and decide on what it is
    now."""


class VersionUnsaid(StaleVersion):
    """Say which agenda you arrange: send its ETag along as If-Match. Somebody else may have
    arranged it since you read it."""

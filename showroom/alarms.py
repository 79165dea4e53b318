"""The alarms that a showroom sets: what is too much for it, and who hears of it.

What is judged by these rules, and what becomes of an alarm, is `booking.alarms`; in words:
docs/alarms.md.
"""

from dataclasses import dataclass, fields
from enum import StrEnum


class AlarmKind(StrEnum):
    """What an alarm is about; the names of the rules in `AlarmRules`."""

    WAITING = "waiting"  # somebody has waited for too long
    NOBODY = "nobody"  # it is open, and nobody is on duty
    ANSWERS = "answers"  # too few of those who called were answered
    RECEIVER = "receiver"  # a receiver of leads and events gets nothing


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """What all rules have. An alarm is on the floor's page; `mail` and `webhook` tell it besides.

    `mail` has e-mail addresses. Whoever has an account here gets it for as long as they manage the
    showroom.
    """

    on: bool = False
    webhook: bool = True
    mail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitingRule(AlarmRule):
    """Somebody has waited for more than so many seconds."""

    seconds: int = 120


@dataclass(frozen=True, slots=True)
class NobodyRule(AlarmRule):
    """Nobody has been on duty for more than so many seconds, while it is open."""

    seconds: int = 120


@dataclass(frozen=True, slots=True)
class AnswersRule(AlarmRule):
    """Fewer than `percent` of the calls of the last `minutes` were answered, of `least` or more."""

    percent: int = 80
    minutes: int = 60
    least: int = 10


@dataclass(frozen=True, slots=True)
class ReceiverRule(AlarmRule):
    """A receiver has failed for more than so many minutes, or has asked for nothing more."""

    minutes: int = 5


@dataclass(frozen=True, slots=True)
class AlarmRules:
    """The rules of one showroom."""

    waiting: WaitingRule = WaitingRule()
    nobody: NobodyRule = NobodyRule()
    answers: AnswersRule = AnswersRule()
    receiver: ReceiverRule = ReceiverRule()

    def of(self, kind: AlarmKind) -> AlarmRule:
        """Return the rule of one kind."""
        rule: AlarmRule = getattr(self, kind.value)
        return rule

    @property
    def any_on(self) -> bool:
        """Whether there is anything to look for."""
        return any(self.of(kind).on for kind in AlarmKind)


# Each rule's own numbers, by its name.
COMMON = {one.name for one in fields(AlarmRule)}
OWN = {
    kind.value: [one.name for one in fields(AlarmRules().of(kind)) if one.name not in COMMON]
    for kind in AlarmKind
}

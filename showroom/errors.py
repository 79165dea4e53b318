"""Every refusal that a person or a program can meet, with a stable code and an HTTP status.

    ShowroomError
    ├── BadRequest            400 bad_request        the shape is wrong; with `field` where one is
    ├── NotSignedIn           401 not_signed_in
    ├── WrongCredentials      401 wrong_credentials
    ├── WrongCode             401 wrong_code         the second factor's
    ├── CompanyRefused        401 company_refused    the company's sign-in vouches for nobody here
    ├── BadSignature          401 bad_signature      not signed by who shares our secret
    ├── Forbidden             403 forbidden
    │   ├── FactorNeeded          factor_needed      a showroom of theirs demands a second factor
    │   └── StalePage             stale_page         the proof of its origin is missing
    ├── NotFound              404 not_found          also for what belongs to somebody else
    ├── IllegalMove           409 illegal_move       right event, wrong moment
    ├── Conflict              409 …
    │   ├── AlreadyInCall         already_in_call
    │   ├── AlreadyTaken          already_taken
    │   ├── AdvisorNotFree        advisor_not_free
    │   ├── AtWorkElsewhere       at_work_elsewhere
    │   ├── HumanAvailable        human_available
    │   ├── ShowroomClosed        showroom_closed
    │   ├── LastAdministrator     last_administrator  a showroom stays in somebody's hands
    │   ├── SlotTaken             slot_taken         with `free`: the next free slots
    │   └── TooLate               too_late           the showroom's policy allows no change now
    ├── ChangedMeanwhile      412 changed_meanwhile  who asks has seen an older version
    ├── TooLarge              413 too_large
    ├── NotAPicture           415 not_a_picture
    ├── TooMany               429 too_many           with `retry_after` in seconds
    ├── TryAgain              503 try_again          a part of ours is away; nothing was lost
    └── StorageFull           507 storage_full       the disk behind our files is full

`Crashed` (500, `crashed`) is what an edge answers when a handler raised anything else.
"""

from typing import ClassVar


class ShowroomError(Exception):
    """A refusal. `message` says what to do next, in English; pages translate by `code`."""

    code: ClassVar[str]
    status: ClassVar[int]
    default: ClassVar[str]

    def __init__(self, message: str = "") -> None:
        self.message = message or self.default
        super().__init__(self.message)


class BadRequest(ShowroomError):
    code, status = "bad_request", 400
    default = "This request is not complete. Check the fields and send it again."

    def __init__(self, message: str = "", field: str | None = None) -> None:
        """`field`: which one is wrong, so that a page can say it where it stands."""
        super().__init__(message)
        self.field = field


class NotSignedIn(ShowroomError):
    code, status = "not_signed_in", 401
    default = "Sign in first."


class WrongCredentials(ShowroomError):
    code, status = "wrong_credentials", 401
    default = "The e-mail address or the password is not right. Check both and try again."


class WrongCode(ShowroomError):
    code, status = "wrong_code", 401
    default = "This code is not right, or was used before. Wait for the next one and try again."


class CompanyRefused(ShowroomError):
    code, status = "company_refused", 401
    default = "Your company account opens nothing here. Ask your manager, or sign in again."


class BadSignature(ShowroomError):
    code, status = "bad_signature", 401
    default = (
        "The signature is missing, wrong or older than 5 minutes. Sign the body as it is sent, with"
        " the secret of this showroom's store, and by a clock that is right."
    )


class Forbidden(ShowroomError):
    code, status = "forbidden", 403
    default = "Your role does not allow this. Ask your manager."


class FactorNeeded(Forbidden):
    code = "factor_needed"
    default = "A second factor is needed here. Set yours up on the page of your account first."


class StalePage(Forbidden):
    code = "stale_page"
    default = (
        "This page is out of date, or your browser keeps no cookies. Load it again and repeat."
    )


class NotFound(ShowroomError):
    code, status = "not_found", 404
    default = "There is nothing here. Check the address, or go back to the showroom."


class IllegalMove(ShowroomError):
    code, status = "illegal_move", 409
    default = "This is not possible at this moment. The page shows where the call stands."


class Conflict(ShowroomError):
    code, status = "conflict", 409
    default = "Somebody was faster. The page shows how it stands now."


class AlreadyInCall(Conflict):
    code = "already_in_call"
    default = "You are in a call already. Go back to it, or leave it first."


class AlreadyTaken(Conflict):
    code = "already_taken"
    default = "A colleague takes care of this one."


class AdvisorNotFree(Conflict):
    code = "advisor_not_free"
    default = "This colleague is not available any more. Choose another."


class AtWorkElsewhere(Conflict):
    code = "at_work_elsewhere"
    default = "You are at work in another showroom. Go away from there first."


class HumanAvailable(Conflict):
    code = "human_available"
    default = "A human advisor is available and takes this call."


class ShowroomClosed(Conflict):
    code = "showroom_closed"
    default = "The showroom is closed now. Leave your number and we call you back."


class QueueClosed(Conflict):
    code = "queue_closed"
    default = "No more calls are taken right now. Book a visit, or leave your number."


class LastAdministrator(Conflict):
    code = "last_administrator"
    default = (
        "Nobody would be left who may change this showroom's staff. Give somebody else this role"
        " first."
    )


class SlotTaken(Conflict):
    code = "slot_taken"
    default = "This time is not free any more. Choose another."

    def __init__(self, message: str = "", free: tuple[int, ...] = ()) -> None:
        """`free`: when the next free slots begin, in UTC milliseconds."""
        super().__init__(message)
        self.free = free


class TooLate(Conflict):
    code = "too_late"
    default = "It is too late to change this visit. Call the showroom, or book another time."


class ChangedMeanwhile(ShowroomError):
    code, status = "changed_meanwhile", 412
    default = "Somebody changed this meanwhile. Load it again, and repeat your change on that."


class TooLarge(ShowroomError):
    code, status = "too_large", 413
    default = "This is too large. Send less at once."


class NotAPicture(ShowroomError):
    code, status = "not_a_picture", 415
    default = "This is no photo that we can read. Take it again."


class TooMany(ShowroomError):
    code, status = "too_many", 429
    default = "Too many attempts. Wait a moment and try again."

    def __init__(self, message: str = "", retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TryAgain(ShowroomError):
    code, status = "try_again", 503
    default = "A part of our service does not answer right now. Please try again in a moment."


class StorageFull(ShowroomError):
    code, status = "storage_full", 507
    default = (
        "There is no room left to keep this. The call goes on; tell whoever runs this server, and"
        " try again once there is room."
    )


class Crashed(ShowroomError):
    code, status = "crashed", 500
    default = "Something went wrong on our side. Please try again; we have noted it."


class StartupError(Exception):
    """The server cannot start. The text is one sentence that names the setting or the part."""

"""The versions of the texts by which people agree to be contacted, by purpose.

The texts are `request.consent` and `request.marketing`, which customers read, and `lead.consent.*`,
which advisors read to them; `book.consent` and `call_back.consent`. Another text needs another
version.
"""

REQUEST = {"contact": "request-1", "marketing": "marketing-1"}
SHEET = {"contact": "sheet-contact-1", "marketing": "sheet-marketing-1"}
VISIT, CALL_BACK = "visit-1", "call-back-1"

# By version: the key of the text in `web/languages`. A test keeps the digest of each text, so that
# nobody changes one without another version.
TEXTS = {
    REQUEST["contact"]: "request.consent",
    REQUEST["marketing"]: "request.marketing",
    SHEET["contact"]: "lead.consent.contact",
    SHEET["marketing"]: "lead.consent.marketing",
    VISIT: "book.consent",
    CALL_BACK: "call_back.consent",
}

"""The versions of the texts by which people agree to be contacted, by purpose.

The texts are `request.consent` and `request.marketing`, which customers read, and `lead.consent.*`,
which advisors read to them. Another text needs another version.
"""

REQUEST = {"contact": "request-1", "marketing": "marketing-1"}
SHEET = {"contact": "sheet-contact-1", "marketing": "sheet-marketing-1"}

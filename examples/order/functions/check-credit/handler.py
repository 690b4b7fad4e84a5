"""Asks whether the customer may buy for so much.

Stands for a service that is sometimes away: with credit.failTimes 2 in the order,
the first two attempts fail.  Which attempt this is, the workflow says.
"""


class CreditServiceUnavailable(Exception):
    pass


def handler(event, context):
    credit = event.get("credit") or {}
    attempt = event.get("attempt", 0)
    if attempt < credit.get("failTimes", 0):
        raise CreditServiceUnavailable(
            "the credit service does not answer (attempt %d)" % (attempt + 1))
    limit = credit.get("limit", 1000000)
    total = event.get("total", 0)
    return {"approved": total <= limit, "limit": limit, "attempts": attempt + 1}

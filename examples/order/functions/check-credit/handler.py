"""Asks whether the customer may buy for so much.

Gets {"order": {...}, "attempt": 0}.  Stands for a service that is sometimes away:
with "credit": {"failTimes": 2} in the order, the first two attempts fail.  Which
attempt it is, the workflow says ($$.State.RetryCount).
"""

DEFAULT_LIMIT_CENTS = 10000000


class CreditServiceUnavailable(Exception):
    pass


def handler(event, context):
    order, attempt = event["order"], event.get("attempt", 0)
    credit = order.get("credit") or {}
    if attempt < credit.get("failTimes", 0):
        raise CreditServiceUnavailable(
            "the credit service does not answer (attempt %d)" % (attempt + 1))
    limit = credit.get("limitCents", DEFAULT_LIMIT_CENTS)
    return {
        "approved": order.get("totalCents", 0) <= limit,
        "limitCents": limit,
        "attempts": attempt + 1,
    }

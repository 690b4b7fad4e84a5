"""Charges the customer's card.

A card that ends in 0002 is declined; with payment.failTimes 1 the first attempt
times out.  The receipt's number comes from the idempotency key: a call that is
repeated charges once.
"""

import hashlib


class CardDeclined(Exception):
    pass


class PaymentTimeout(Exception):
    pass


def handler(event, context):
    payment = event.get("payment") or {}
    card = str(payment.get("card", ""))
    attempt = event.get("attempt", 0)
    if attempt < payment.get("failTimes", 0):
        raise PaymentTimeout(
            "the payment service does not answer (attempt %d)" % (attempt + 1))
    if card.endswith("0002"):
        raise CardDeclined("the card ending in %s was declined" % card[-4:])
    key = context.idempotency_key or str(event.get("orderId", ""))
    receipt = hashlib.sha256(key.encode()).hexdigest()[:12]
    return {"receiptId": "C-" + receipt, "amount": event.get("total", 0),
            "card": "*" + card[-4:], "attempts": attempt + 1}

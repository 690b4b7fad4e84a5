"""Charges the customer's card.

Gets {"order": {...}, "attempt": 0}.  A card that ends in 0002 is declined; with
"payment": {"failTimes": 1} in the order, the first attempt times out.  The number
of the charge follows from the order: charging it again gives the same charge.
"""

import hashlib


class CardDeclined(Exception):
    pass


class PaymentTimeout(Exception):
    pass


def handler(event, context):
    order, attempt = event["order"], event.get("attempt", 0)
    payment = order.get("payment") or {}
    card = str(payment.get("card", ""))
    if attempt < payment.get("failTimes", 0):
        raise PaymentTimeout(
            "the payment service does not answer (attempt %d)" % (attempt + 1))
    if card.endswith("0002"):
        raise CardDeclined("the card ending in %s was declined" % card[-4:])
    number = hashlib.sha256(order["orderId"].encode()).hexdigest()[:12]
    return {
        "chargeId": "ch_" + number,
        "chargedCents": order.get("totalCents", 0),
        "card": "**** " + card[-4:],
        "attempts": attempt + 1,
    }

"""Checks an order and adds up what it costs, in cents.

    {"orderId": "o-1", "customer": "Ada",
     "lines": [{"sku": "tea", "quantity": 2, "priceCents": 450}],
     "payment": {"card": "4111111111111111"}}

comes back with totalCents, with a total for each line, and with the time that a
person has to approve it, approvalTimeoutSeconds, if the order does not say.
"""

ONE_DAY = 24 * 60 * 60


class InvalidOrder(Exception):
    pass


def need(condition, message):
    if not condition:
        raise InvalidOrder(message)


def is_text(value):
    return isinstance(value, str) and value != ""


def is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def check_line(number, line):
    where = "line %d" % number
    need(isinstance(line, dict), "%s is not an object" % where)
    need(is_text(line.get("sku")), "%s has no sku" % where)
    where += " (%s)" % line["sku"]
    need(is_whole(line.get("quantity")) and line["quantity"] > 0,
         "%s: quantity must be a whole number above 0" % where)
    need(is_whole(line.get("priceCents")) and line["priceCents"] >= 0,
         "%s: priceCents must be a whole number, 0 or more" % where)
    return dict(line, totalCents=line["quantity"] * line["priceCents"])


def handler(event, context):
    need(isinstance(event, dict), "an order is an object")
    need(is_text(event.get("orderId")), "the order has no orderId")
    need(is_text(event.get("customer")), "the order has no customer")
    lines = event.get("lines")
    need(isinstance(lines, list) and lines, "the order has no lines")
    timeout = event.get("approvalTimeoutSeconds", ONE_DAY)
    need(is_whole(timeout) and timeout > 0,
         "approvalTimeoutSeconds must be a whole number above 0")
    lines = [check_line(n, line) for n, line in enumerate(lines, 1)]
    total = sum(line["totalCents"] for line in lines)
    print("order %s: %d lines, %d cents" % (event["orderId"], len(lines), total))
    return dict(event, lines=lines, totalCents=total, approvalTimeoutSeconds=timeout)

"""Checks an order and adds up what it costs, in cents."""


class InvalidOrder(Exception):
    pass


def need(condition, message):
    if not condition:
        raise InvalidOrder(message)


def whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def check_line(number, line):
    where = "line %d" % number
    need(isinstance(line, dict), "%s is not an object" % where)
    need(isinstance(line.get("sku"), str) and line["sku"],
         "%s has no sku" % where)
    need(whole(line.get("quantity")) and line["quantity"] > 0,
         "%s (%s): quantity must be a whole number above 0" % (where, line["sku"]))
    need(whole(line.get("unitPrice")) and line["unitPrice"] >= 0,
         "%s (%s): unitPrice must be a whole number of cents" % (where, line["sku"]))
    return dict(line, total=line["quantity"] * line["unitPrice"])


def handler(event, context):
    need(isinstance(event, dict), "an order is an object")
    need(isinstance(event.get("orderId"), str) and event["orderId"],
         "the order has no orderId")
    lines = event.get("lines")
    need(isinstance(lines, list) and lines, "the order has no lines")
    lines = [check_line(n, line) for n, line in enumerate(lines, 1)]
    total = sum(line["total"] for line in lines)
    print("order %s: %d lines, total %d" % (event["orderId"], len(lines), total))
    return dict(event, lines=lines, total=total)

#!/usr/bin/env python3
"""Prints the document that the expressions of cases.json work on."""
import json

CATEGORIES = ["tools", "toys", "books", "food", "garden"]


def item(i):
    return {
        "sku": "SKU-%05d" % (i * 7919 % 100000),
        "name": "Item %d of %s" % (i, CATEGORIES[i % 5]),
        "price": round((i * 37 % 101) * 1.17 + 0.99, 2),
        "quantity": i * 13 % 7,
        "category": CATEGORIES[i * 3 % 5],
        "tags": ["t%d" % (i % 4), "t%d" % (i % 9)],
    }


print(json.dumps({
    "order": {
        "number": 1042,
        "total": 180.5,
        "customer": {
            "name": "Ada Lovelace", "email": "ada@example.com", "vip": True,
            "address": {"street": "12 Main Road", "city": "London"},
        },
    },
    "items": [item(i) for i in range(100)],
    "text": "Write to ada@example.com, charles@engine.com or nobody. " * 20,
}))

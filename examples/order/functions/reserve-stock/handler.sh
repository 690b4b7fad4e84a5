#!/bin/sh
# Reserves the goods of an order: a handler can be a shell script, too.
# The event comes on standard input, the result goes to standard output, what
# goes to standard error is logged.

event=$(cat)
order=$(printf '%s' "$event" | tr -d '\n' |
	sed -n 's/.*"orderId"[[:space:]]*:[[:space:]]*"\([A-Za-z0-9._-]*\)".*/\1/p')

if [ -z "$order" ]; then
	echo '{"errorType":"InvalidOrder","errorMessage":"the order has no orderId"}'
	exit 1
fi

echo "reserving the goods of order $order" >&2
printf '{"reservationId":"R-%s","orderId":"%s"}\n' "$order" "$order"

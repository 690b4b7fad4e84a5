/*
 * asl/payload.h - a JSON value on its way through a workflow.
 *
 * A payload carries its text, its tree, or both; each is made from the other
 * when somebody asks, and kept.  Text that is only passed on is never parsed,
 * a tree that nobody prints is never printed.  The text is kept exactly as it
 * came, spaces and number spellings included, for that is what the real
 * service shows (recording scenarios/test_map_state_nested).
 *
 * Payloads are counted, immutable, and belong to one thread.  A json_t inside
 * one is frozen: nobody may change it, anybody may json_incref() it.
 */

#ifndef PAWL_PAYLOAD_H
#define PAWL_PAYLOAD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct payload;

/*
 * New, from text that is known to be valid JSON (jsontext_check); copied.  White
 * space around the value is no part of it: a history does not give it back.
 */
struct payload *payload_from_text(const char *text, size_t len);
/* New; steals the text, which must come from malloc and end in NUL. */
struct payload *payload_steal_text(char *text, size_t len);
/* New; steals the reference. */
struct payload *payload_from_json(json_t *);
/*
 * New, printed at once; steals the reference.  NULL if the text would pass max
 * bytes: for trees whose shared parts can make the text far longer than what
 * they were made from.
 */
struct payload *payload_print(json_t *, size_t max);
/* The payload {}.  New reference. */
struct payload *payload_empty(void);
/* New: the array of the n values, put together as text, without a parse. */
struct payload *payload_array(struct payload *const *items, size_t n);

struct payload *payload_ref(struct payload *);	/* NULL stays NULL */
void	payload_unref(struct payload *);	/* NULL is fine */

/* Borrowed, NUL-terminated; len may be NULL. */
const char *payload_text(struct payload *, size_t *len);
/* Borrowed, frozen.  Never NULL: the text was valid when it came in. */
json_t	*payload_json(struct payload *);
/* Length of the text in bytes, as the limits count it. */
size_t	 payload_bytes(struct payload *);
/*
 * It nests deeper than JSONTEXT_DEPTH_MAX, as arrays and envelopes around what
 * came in can: it could not be read back from a history.
 */
bool	 payload_deep(struct payload *);
/* Same text (a cheap test: identity, then bytes). */
int	 payload_same(struct payload *, struct payload *);

#endif

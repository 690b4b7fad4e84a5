/*
 * engine/sigv4.h - AWS Signature Version 4, as the receiver checks it.
 *
 * Rules: "Signature Version 4 signing process" of the AWS documentation.  Only
 * signatures in the Authorization header; no chunked payloads.
 */

#ifndef PAWL_SIGV4_H
#define PAWL_SIGV4_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define SIGV4_SKEW_MS	(15 * 60 * 1000)
#define SIGV4_HEX	65	/* SHA-256 in hex, with its NUL */

/* All borrowed.  header finds a header of the request, whatever its case. */
struct sigv4_request {
	const char	*method, *path, *query;	/* as sent, percent-encoded */
	const char	*body;
	size_t		 len;
	const char	*(*header)(const char *name, const void *arg);
	const void	*arg;
};

/*
 * 0 if the request is signed with this key for this service (any region) and
 * its time is within SIGV4_SKEW_MS of now_ms.  Else -1 and e, code one of
 * MissingAuthenticationTokenException, IncompleteSignatureException,
 * UnrecognizedClientException, InvalidSignatureException.
 */
int	sigv4_verify(const struct sigv4_request *, const char *access_key_id,
	    const char *secret, const char *service, int64_t now_ms,
	    struct err *e) MUSTCHECK;

/*
 * The signature over the request: what the client must have computed.
 * stamp is "20150830T123600Z", signed_headers "content-type;host;x-amz-date".
 */
void	sigv4_signature(const struct sigv4_request *, const char *secret,
	    const char *stamp, const char *region, const char *service,
	    const char *signed_headers, char hex[SIGV4_HEX]);

#endif

/*
 * worker/register.h - tells pawld where the functions are.
 *
 * PUT /v1/functions/NAME {"url","timeoutSeconds"} for each function that can be
 * run, and again when it has changed.  pawld may come later: it is tried until it
 * answers.  It is found by $PAWL_URL and $PAWL_KEY, else by client.json in the
 * data folder.
 */

#ifndef PAWL_REGISTER_H
#define PAWL_REGISTER_H

#include "host.h"

struct registrar;

/* url: how pawld reaches this host, without "/functions/..."; data: the folder
 * of client.json.  Both are copied. */
struct registrar *register_start(struct host *, const char *url, const char *data);
void	register_stop(struct registrar *);

#endif

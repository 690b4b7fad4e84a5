/*
 * engine/callback.h - what callback.c decides and callback_page.c shows.
 */

#ifndef PAWL_CALLBACK_H
#define PAWL_CALLBACK_H

#include "api_private.h"

/* What became of the task that a token names. */
enum callback_fate { CALLBACK_OPEN, CALLBACK_SPENT, CALLBACK_EXPIRED,
	CALLBACK_ENDED, CALLBACK_UNKNOWN };

/* Each answers with a page or, for those who want it, JSON; then the call is gone. */
void	callback_page_ask(struct api_call *, const struct runtime_task *,
	    const char *token);
void	callback_page_decided(struct api_call *, const char *decision);
void	callback_page_fate(struct api_call *, enum callback_fate);
void	callback_page_error(struct api_call *, int status, const char *code,
	    const char *text);

#endif

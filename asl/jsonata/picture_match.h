/*
 * asl/jsonata/picture_match.h - does text follow a picture of times?
 */

#ifndef PAWL_PICTURE_MATCH_H
#define PAWL_PICTURE_MATCH_H

#include "picture_parts.h"

/*
 * Finds for each part where its text ends; it begins where the one before ends.
 * ends has room for parts->n.  Returns 1, or 0 if text does not follow the
 * picture, or -1 with PictureTooLong in e when telling would take too long.
 */
int	picture_match(const struct picture_parts *parts, const uint32_t *text,
	    size_t n, size_t *ends, struct err *e) MUSTCHECK;

#endif

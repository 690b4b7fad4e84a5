/*
 * engine/openapi.h - engine/openapi.json, built in.
 */

#ifndef PAWL_OPENAPI_H
#define PAWL_OPENAPI_H

#include <stddef.h>

extern const char	openapi_json[];
extern const size_t	openapi_json_len;

#endif

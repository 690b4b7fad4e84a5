/*
 * asl/parse_succeed.c - Succeed: the end, with nothing of its own.
 */

#include "parse.h"

const struct parse_type parse_succeed_type = { .flows = true };

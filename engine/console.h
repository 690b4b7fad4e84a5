/*
 * engine/console.h - what the console room gives to the pages, built in.
 */

#ifndef PAWL_CONSOLE_H
#define PAWL_CONSOLE_H

#include <stddef.h>

extern const char	 console_css[];		/* console/page.css */
extern const size_t	 console_css_len;

#endif

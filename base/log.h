/*
 * base/log.h - one line per event on standard error: time, level, text.
 *
 * Say what happened and to what, as "text key=value key=value".
 */

#ifndef PAWL_LOG_H
#define PAWL_LOG_H

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

/* name stands in each line ("pawld/2"); copied. */
void	log_init(const char *name, enum log_level lowest);
void	log_debug(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_info(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_warn(const char *, ...) __attribute__((format(printf, 1, 2)));
void	log_error(const char *, ...) __attribute__((format(printf, 1, 2)));
/* Logs as an error and exits with status 1. */
void	log_fatal(const char *, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif

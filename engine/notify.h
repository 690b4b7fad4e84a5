/*
 * engine/notify.h - tells systemd, if it started us, that we are up or going.
 */

#ifndef PAWL_NOTIFY_H
#define PAWL_NOTIFY_H

void	notify_ready(void);
void	notify_stopping(void);

#endif

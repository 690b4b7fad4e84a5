/*
 * engine/pawld.c - the server: reads its settings and runs the master.
 *
 * Exit status: 0 stopped as told, 1 could not start or go on, 2 bad settings.
 */

#include <signal.h>
#include <stdio.h>

#include "err.h"
#include "log.h"
#include "master.h"
#include "settings.h"

int
main(int argc, char **argv)
{
	struct settings	 s;
	struct err	 e = ERR_INIT;
	int		 status = 0;

	signal(SIGPIPE, SIG_IGN);
	log_init("pawld", LOG_LEVEL_INFO);
	if (settings_read(&s, argc, argv, &e) == -1) {
		fprintf(stderr, "pawld: %s\n", e.text);
		err_clear(&e);
		return 2;
	}
	log_init("pawld", (enum log_level)settings_log_level(&s));
	if (master_run(&s, &e) == -1) {
		fprintf(stderr, "pawld: %s\n", e.text);
		status = 1;
	}
	err_clear(&e);
	settings_free(&s);
	return status;
}

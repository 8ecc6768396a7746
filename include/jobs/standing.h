/* What the database was last seen to hold, for the figures of dialtone-jobs (jobs/figures.h). */
#ifndef DIALTONE_JOBS_STANDING_H
#define DIALTONE_JOBS_STANDING_H

#include <stddef.h>
#include <stdint.h>

/* A look at the database that has its time. */
struct figures_look {
	int64_t due_ms; /* clock_ms() */
};

struct outbox_standing {
	uint64_t waiting, oldest_us;
};

struct installation {
	uint64_t spaces, accounts, two_factor, sessions, sessions_two_factor;
};

struct job_standing {
	char kind[65];
	uint64_t waiting, dead;
};

struct jobs_figures {
	struct figures_look outbox_look, queue_look, installation_look;
	struct outbox_standing outbox;
	struct installation installation;
	struct job_standing standing[64];
	size_t standing_n;
};

#endif

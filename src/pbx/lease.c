#include "pbx/lease.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "pg/pg.h"
#include "store_priv.h"

#define LOOK_MS     500
#define TIME_OUT_MS 400  /* everything waits meanwhile */
#define REST_MS     1000 /* behind a look that was not answered */
#define GRACE_MS    1500 /* by then another one has looked */

struct lease {
	struct pg *pg;
	int64_t due_ms, from_ms; /* next look; when it may work */
	bool held, at_work, told;
};

struct lease *lease_new(const char *conninfo)
{
	const struct pg_settings settings = { .conninfo = conninfo,
		.app_name = "dialtone-pbx lease",
		.connect_timeout_ms = TIME_OUT_MS,
		.query_timeout_ms = TIME_OUT_MS };
	struct lease *l = mem_alloc(sizeof(*l));

	l->pg = pg_new(&settings);
	pbx_store_register_lease(l->pg);
	return l;
}

void lease_free(struct lease **l)
{
	if (!*l)
		return;
	pg_free(&(*l)->pg);
	free(*l);
	*l = NULL;
}

static void lose(struct lease *l)
{
	if (l->at_work)
		log_warn("another dialtone-pbx has taken over; standing by");
	else if (!l->told)
		log_info("standing by: another dialtone-pbx is at work");
	l->told = true;
	l->held = l->at_work = false;
}

static void ask(struct lease *l, int64_t now_ms)
{
	enum err e;
	bool mine;

	e = pbx_store_lease(l->pg, &mine);
	l->due_ms = clock_ms() + (e == ERR_OK ? LOOK_MS : REST_MS);
	if (e != ERR_OK)
		return;
	if (!mine) {
		lose(l);
		return;
	}
	if (!l->held)
		l->from_ms = now_ms + GRACE_MS;
	l->held = true;
}

bool lease_look(struct lease *l, int64_t now_ms)
{
	if (now_ms >= l->due_ms)
		ask(l, now_ms);
	if (l->held && !l->at_work && now_ms >= l->from_ms) {
		l->at_work = true;
		l->told = false;
		log_info("at work");
	}
	return l->at_work;
}

int64_t lease_due_ms(const struct lease *l)
{
	return l->due_ms;
}

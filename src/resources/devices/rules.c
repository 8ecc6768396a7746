#include "devices_priv.h"

#include <string.h>

#include "base/json_writer.h"
#include "base/log.h"
#include "resources/devices/contact.h"
#include "service/audit.h"
#include "service/sip_event.h"
#include "service/waiting.h"

#define PARAMS_MAX ((size_t)8 << 10)

/* A question to a registrar: the devices of an account, one of them to be removed. */
struct question {
	const struct account *account;
	const char *aor;
	const char *uuid;
	struct rows devices;
	bool removed;
};

/* Where devices are registered; both calls are asked inside the waiting room. */
struct registrar_row {
	enum err (*list)(struct service *s, struct question *q, int64_t until_ms);
	/* ERR_NOT_FOUND: it is gone by now. */
	enum err (*remove)(struct service *s, const struct question *q, const struct device *d,
		int64_t until_ms);
};

static enum err redis_list(struct service *s, struct question *q, int64_t until_ms)
{
	const struct device_registry *r = &s->device_registry;

	return r->list(r->ctx, q->aor, until_ms, s->arena, &q->devices);
}

static enum err redis_remove(
	struct service *s, const struct question *q, const struct device *d, int64_t until_ms)
{
	const struct device_registry *r = &s->device_registry;

	return r->remove(r->ctx, q->aor, d, until_ms, s->arena);
}

static enum err kamailio_list(struct service *s, struct question *q, int64_t until_ms)
{
	enum err e = device_store_kamailio(s, q->account, &q->devices);

	(void)until_ms;
	for (size_t i = 0; e == ERR_OK && i < q->devices.n; i++)
		device_complete(s->arena, (struct device *)q->devices.items + i);
	return e;
}

/* Out of its memory and its table at once; deleting the row would not be noticed. */
static enum err kamailio_remove(
	struct service *s, const struct question *q, const struct device *d, int64_t until_ms)
{
	const struct sip_rpc *rpc = &s->sip_rpc;
	struct json_writer w;
	struct buf params;
	enum err e;

	buf_init(&params, PARAMS_MAX);
	json_writer_init(&w, &params);
	json_array_begin(&w);
	json_text(&w, "location");
	json_text(&w, q->aor);
	json_text(&w, d->contact);
	json_array_end(&w);
	e = params.overflow ? ERR_LIMIT
			    : rpc->call(rpc->ctx, "ul.rm_contact", buf_str(&params), until_ms,
				      s->arena, NULL);
	buf_finish(&params);
	return e;
}

static const struct registrar_row registrars[] = {
	[REGISTRAR_REDIS] = { redis_list, redis_remove },
	[REGISTRAR_KAMAILIO] = { kamailio_list, kamailio_remove },
};

static const struct registrar_row *registrar_of(const struct service *s)
{
	return s->settings->registrar == REGISTRAR_NONE ? NULL
							: &registrars[s->settings->registrar];
}

static enum err ask(struct service *s, void *arg, int64_t until_ms)
{
	return registrar_of(s)->list(s, arg, until_ms);
}

static void tell_removed(struct service *s, const struct question *q, const struct device *d)
{
	struct sip_event event;
	struct json_writer *w = sip_event_begin(&event, "reg.removed");

	json_pair(w, "aor", q->aor);
	json_pair(w, "contact", d->contact);
	sip_event_publish(s, &event);
}

static enum err ask_removal(struct service *s, void *arg, int64_t until_ms)
{
	struct question *q = arg;
	const struct registrar_row *r = registrar_of(s);
	enum err e = r->list(s, q, until_ms);
	const struct device *d = q->devices.items;

	for (size_t i = 0; e == ERR_OK && i < q->devices.n; i++, d++) {
		if (strcmp(d->uuid, q->uuid) != 0)
			continue;
		e = r->remove(s, q, d, until_ms);
		q->removed = e == ERR_OK;
		if (q->removed)
			tell_removed(s, q, d);
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	}
	return e;
}

/* A registrar that is away, which was logged, has no devices; what ended otherwise is the room's or the database's answer. */
static enum err told(enum err e)
{
	if (e == ERR_OK || e == ERR_REFUSED)
		return e;
	log_debug("devices are not known: %s", err_name(e));
	return ERR_OK;
}

static struct question question_about(struct service *s, const struct account *a, const char *uuid)
{
	return (struct question){ .account = a,
		.aor = arena_printf(s->arena, "%s@%s", a->username, a->domain),
		.uuid = uuid };
}

enum err device_list(struct service *s, const struct account *a, struct rows *ret)
{
	struct question q = question_about(s, a, NULL);
	enum err e = registrar_of(s) ? told(waiting_for(s, ask, &q)) : ERR_OK;

	if (e == ERR_OK)
		*ret = q.devices;
	return e;
}

enum err device_remove(
	struct service *s, const struct account *a, const char *uuid, bool *ret_removed)
{
	struct question q = question_about(s, a, uuid);
	enum err e = registrar_of(s) ? told(waiting_for(s, ask_removal, &q)) : ERR_OK;

	if (e == ERR_OK)
		*ret_removed = q.removed;
	return e == ERR_OK && q.removed ? audit_note(s) : e;
}

/* publish: an event for scripts, and for looking at what clients do with it. */
#define _GNU_SOURCE
#include "ctl_priv.h"

#include "base/text_input.h"

#include "redis/publisher.h"

#define NAME_MAX 255
#define KEY_MAX  255

struct publish_input {
	const char *name, *domain, *event, *coalesce, *state;
	bool is_volatile, one_shot;
};

#define COMMON_FIELDS                                                                          \
	FIELD_TEXT(publish_input, domain, .in = FIELD_IN_PATH,                                 \
		.flags = FIELD_REQUIRED | FIELD_DOMAIN, .max = NAME_MAX, .doc = "SIP domain"), \
		FIELD_TEXT(publish_input, event, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED, \
			.max = NAME_MAX, .doc = "Name of the event"),                          \
		FIELD_BOOL_AS(publish_input, is_volatile, "volatile", .in = FIELD_IN_QUERY,    \
			.doc = "Slow clients may miss it"),                                    \
		FIELD_BOOL(publish_input, one_shot, .in = FIELD_IN_QUERY,                      \
			.doc = "Never told to late comers"),                                   \
		FIELD_TEXT(publish_input, coalesce, .in = FIELD_IN_QUERY, .max = KEY_MAX,      \
			.doc = "Only the newest with this key counts"),                        \
		FIELD_TEXT(publish_input, state, .in = FIELD_IN_QUERY, .max = KEY_MAX,         \
			.doc = "Keep it as the state of this"),                                \
		FIELDS_END

static const struct field user_fields[] = {
	FIELD_TEXT(publish_input, name, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.max = NAME_MAX, .doc = "Whose clients"),
	COMMON_FIELDS,
};

static const struct field room_fields[] = {
	FIELD_TEXT(publish_input, name, .in = FIELD_IN_PATH, .flags = FIELD_REQUIRED,
		.max = NAME_MAX, .doc = "Which room"),
	COMMON_FIELDS,
};

struct published {
	int64_t relays;
};

static const struct field published_fields[] = {
	FIELD_INT(published, relays),
	FIELDS_END,
};

/* An array holds the arguments, anything else is the only one, nothing is none. On one line. */
static enum err args_read(struct ctl *c, struct buf *text, struct str *ret)
{
	if (!text_input_read(fileno(c->in), text) || text->n > MESSAGE_PAYLOAD_MAX)
		return refuse(
			c, ERR_LIMIT, "That is more than %d bytes.", (int)MESSAGE_PAYLOAD_MAX);
	for (size_t i = 0; i < text->n; i++)
		if ((unsigned char)text->p[i] < ' ')
			text->p[i] = ' ';
	*ret = str_trim(buf_str(text));
	if (ret->n >= 2 && ret->p[0] == '[' && ret->p[ret->n - 1] == ']')
		*ret = str_trim((struct str){ ret->p + 1, ret->n - 2 });
	return ERR_OK;
}

static enum err send(struct ctl *c, const struct publication *p)
{
	struct redis_address address;
	struct published done;
	struct redis *redis;
	enum err e = redis_address_as(c->common->redis, c->redis, c->arena, &address);

	if (e != ERR_OK)
		return e;
	redis = redis_new(&address, 0);
	e = publisher_send(redis, p, c->arena, &done.relays);
	redis_free(&redis);
	if (e == ERR_INVALID)
		return refuse(c, e, "The arguments are not JSON, or no event may have this name.");
	if (e == ERR_UNAVAILABLE)
		return refuse(c, e, "Redis is not available.");
	if (e == ERR_OK)
		table_object(c, published_fields, &done);
	return e;
}

static enum err publish(struct ctl *c, const struct publish_input *in, struct publication *p)
{
	struct buf text;
	enum err e;

	p->prefix = c->common->redis_prefix;
	p->domain = in->domain;
	p->event = in->event;
	p->coalesce_key = in->coalesce;
	p->state_key = in->state;
	p->flags = (in->is_volatile ? MESSAGE_VOLATILE : 0) |
		   (in->one_shot ? MESSAGE_ONE_SHOT : 0) | (in->coalesce ? MESSAGE_COALESCE : 0);
	buf_init(&text, 2 * MESSAGE_PAYLOAD_MAX);
	e = args_read(c, &text, &p->args);
	if (e == ERR_OK)
		e = send(c, p);
	buf_finish(&text);
	return e;
}

static enum err publish_user(struct ctl *c, const void *input)
{
	const struct publish_input *in = input;

	return publish(c, in, &(struct publication){ .user = in->name });
}

static enum err publish_room(struct ctl *c, const void *input)
{
	const struct publish_input *in = input;

	return publish(c, in, &(struct publication){ .room = in->name });
}

const struct command publish_commands[] = {
	{ "publish user", user_fields, sizeof(struct publish_input), NEEDS_NOTHING, publish_user,
		"Send an event to the clients of a user; its arguments are JSON on standard "
		"input" },
	{ "publish room", room_fields, sizeof(struct publish_input), NEEDS_NOTHING, publish_room,
		"Send an event to a room; its arguments are JSON on standard input" },
	{ 0 },
};

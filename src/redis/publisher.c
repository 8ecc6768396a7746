/*
 * One script does all that belongs to a message, so that no crash of a producer leaves half of it:
 * number it, keep its state, keep it for late comers, publish it.  Sequence and epoch are known inside
 * the script only, therefore the header goes in without its closing brace and is finished there.
 *
 * The sequence counts per channel and is worth nothing without the epoch, which is made anew when Redis
 * has lost the counters: a relay that sees another epoch knows that it cannot tell what it missed.
 */
#include "redis/publisher.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/event_name.h"
#include "base/log.h"
#include "redis/channel.h"

#define PUBLISHER_NAME_MAX 1024
#define PUBLISHER_ARGS     14
#define MICROS_PER_MILLI   1000
#define HEADER_RESERVE     64 /* for sequence and epoch */

/* KEYS: seq, st, recent.  ARGV: channel, its suffix, the header without its closing brace, the
 * payload, an epoch should there be none, state key, state, whether to keep it for late comers.
 * The reply is the number of relays that listen. */
static const char script[] =
	"local e = redis.call('HGET', KEYS[1], 'epoch')\n"
	"if not e then e = ARGV[5]; redis.call('HSET', KEYS[1], 'epoch', e) end\n"
	"local s = redis.call('HINCRBY', KEYS[1], ARGV[2], 1)\n"
	"if ARGV[6] ~= '' then redis.call('HSET', KEYS[2], ARGV[6], ARGV[7]) end\n"
	"local m = ARGV[3] .. ',\"s\":' .. s .. ',\"e\":\"' .. e .. '\"}\\n' .. ARGV[4]\n"
	"if ARGV[8] == '1' then"
	"  redis.call('XADD', KEYS[3], 'MAXLEN', '~', 1000, '*', 'ch', ARGV[2], 'm', m) end\n"
	"return redis.call('PUBLISH', ARGV[1], m)";

static struct str kept(struct arena *arena, struct buf *b)
{
	struct str s = { arena_strndup(arena, b->n ? b->p : "", b->n), b->n };

	buf_finish(b);
	return s;
}

static struct str channel_name(const struct publication *p, struct arena *arena)
{
	struct buf name;

	buf_init(&name, PUBLISHER_NAME_MAX);
	if (event_name_acts(p->event))
		channel_of_domain(&name, p->prefix, str_from(p->domain), "ctl");
	else if (p->user)
		channel_user(&name, p->prefix, str_from(p->domain), str_from(p->user));
	else
		channel_room(&name, p->prefix, str_from(p->domain), str_from(p->room));
	return kept(arena, &name);
}

static struct str key_name(
	const char *prefix, struct str domain, const char *which, struct arena *arena)
{
	struct buf name;

	buf_init(&name, PUBLISHER_NAME_MAX);
	channel_of_domain(&name, prefix, domain, which);
	return kept(arena, &name);
}

static const char *random_hex(struct arena *arena)
{
	uint32_t n = 0;

	if (getrandom(&n, sizeof(n), 0) != sizeof(n))
		n = (uint32_t)clock_wall_us();
	return arena_printf(arena, "%08x", n);
}

static struct str payload_of(const struct publication *p, struct arena *arena)
{
	struct buf text;

	buf_init(&text, MESSAGE_MAX);
	buf_printf(&text, "[\"%s\"%s", p->event, p->args.n ? "," : "");
	buf_add(&text, p->args.p, p->args.n);
	buf_add_char(&text, ']');
	return kept(arena, &text);
}

/* The header without its brace: the script adds sequence and epoch. */
static enum err header_of(const struct message *m, struct arena *arena, struct str *ret)
{
	struct buf text;
	bool fits;

	buf_init(&text, MESSAGE_MAX);
	message_write(&text, m);
	fits = !text.overflow && text.n - m->payload.n - 1 <= MESSAGE_HEADER_MAX - HEADER_RESERVE;
	*ret = kept(arena, &text);
	if (fits)
		ret->n -= m->kind == MESSAGE_CONTROL ? 1 : m->payload.n + 2;
	return fits ? ERR_OK : ERR_LIMIT;
}

static enum err compose(const char *prefix, struct str channel, const struct message *m,
	const struct publisher_state *state, struct arena *arena, struct redis_command *ret)
{
	struct str *args = arena_alloc(arena, PUBLISHER_ARGS * sizeof(*args));
	struct str domain, suffix, header;
	enum err e = header_of(m, arena, &header);
	bool replay;

	if (!channel_split(channel, prefix, &domain, &suffix))
		e = ERR_INVALID;
	if (e != ERR_OK)
		return e;
	replay = str_starts(suffix, "r:") && !(m->flags & MESSAGE_ONE_SHOT);
	memcpy(args,
		(const struct str[PUBLISHER_ARGS]){ STR("EVAL"), str_from(script), STR("3"),
			key_name(prefix, domain, "seq", arena),
			key_name(prefix, domain, "st", arena),
			key_name(prefix, domain, "recent", arena), channel, suffix, header,
			m->payload, str_from(random_hex(arena)), state->key, state->value,
			replay ? STR("1") : STR("0") },
		PUBLISHER_ARGS * sizeof(*args));
	*ret = (struct redis_command){ args, PUBLISHER_ARGS };
	return ERR_OK;
}

enum err publisher_message_command(const char *prefix, struct str channel, const struct message *m,
	const struct publisher_state *state, struct arena *arena, struct redis_command *ret)
{
	static const struct publisher_state none = { { "", 0 }, { "", 0 } };

	return compose(prefix, channel, m, state ? state : &none, arena, ret);
}

static enum err command_of(
	const struct publication *p, struct arena *arena, struct redis_command *ret)
{
	struct message m, read;
	enum err e;

	if (!p->user == !p->room || !p->event || !*p->event || event_name_is_reserved(p->event) ||
		event_name_is_of_relays(p->event) || (event_name_acts(p->event) && !p->user))
		return ERR_INVALID;
	m = (struct message){
		.id = arena_printf(arena, "%s%s", random_hex(arena), random_hex(arena)),
		.request_id = log_request_id(),
		.time_ms = clock_wall_us() / MICROS_PER_MILLI,
		.name = p->event,
		.flags = p->flags,
		.coalesce_key = p->coalesce_key,
		.ua_type = p->ua_type,
		.skip_users = p->skip_users,
		.user = event_name_acts(p->event) ? p->user : NULL,
		.payload = payload_of(p, arena),
	};
	/* As a relay would read it, so that what is dropped there is refused here. */
	e = message_parse(m.payload, arena, &read);
	if (e != ERR_OK)
		return e == ERR_PROTOCOL ? ERR_INVALID : e;
	return compose(p->prefix, channel_name(p, arena), &m,
		&(struct publisher_state){ str_from(p->state_key), p->args }, arena, ret);
}

enum err publisher_send(
	struct redis *r, const struct publication *p, struct arena *arena, int64_t *ret_receivers)
{
	struct redis_command command;
	struct redis_reply reply;
	enum err e = command_of(p, arena, &command);

	if (e == ERR_OK)
		e = redis_call(r, command, arena, &reply);
	if (e == ERR_OK && ret_receivers)
		*ret_receivers = reply.number;
	return e;
}

#include "relay/server/settings.h"

#include <stdio.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/deprecation.h"
#include "base/log.h"

#define HEAD_MS        10000
#define BODY_MS        20000
#define IDLE_MS        75000 /* longer than nginx keeps a connection */
#define UPGRADE_MS     10000
#define FLOOD_MS       10000
#define STRANGER_BYTES 65536
#define NEWCOMER_BURST 2 /* seconds' worth */
#define MESSAGE_BURST  5 /* the same */
#define STALL_MS       20000
#define LINGER_MS      5000
#define RESERVED_FILES 64

#define LEGACY_GONE                                               \
	"{\"code\":410,\"message\":\"legacy endpoint disabled\"," \
	"\"data\":{\"migrate_to\":\"/api/ws/\"}}"

static void on_refused_gone(struct sio *s)
{
	(void)s;
}

/* Clients that are told so stop; those whose handshake fails come back for ever (cti-api 1.16). */
static const struct sio_app legacy_off_app = {
	.refusal = "{\"message\":\"legacy endpoint disabled\","
		   "\"data\":{\"code\":410,\"migrate_to\":\"/api/ws/\"}}",
	.on_gone = on_refused_gone,
};

/* Lines for answers on the old path. Answers on their way point here while a reload changes them. */
static char legacy_headers[256];

static void write_legacy_headers(int64_t sunset_us)
{
	struct deprecation d;

	deprecation_init(&d, sunset_us);
	snprintf(legacy_headers, sizeof(legacy_headers),
		"Deprecation: %s\r\nSunset: %s\r\nLink: " DEPRECATION_LINK "\r\n", d.deprecation,
		d.sunset);
}

/* socket.io-client-swift up to 15 does not say that it speaks Engine.IO 3. */
#define LEGACY_VERSION "3"

static const struct server_path with_alias[] = {
	{ .path = "/api/ws" },
	{ .path = "/socket.io", .headers = legacy_headers, .version = LEGACY_VERSION },
	{ 0 },
};

static const struct server_path without_alias[] = {
	{ .path = "/api/ws" },
	{ .path = "/socket.io",
		.app = &legacy_off_app,
		.headers = legacy_headers,
		.gone = LEGACY_GONE,
		.version = LEGACY_VERSION },
	{ 0 },
};

/* Descriptors are the first thing to run out. */
static size_t connections_possible(int64_t wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return (size_t)wanted;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= (rlim_t)wanted + RESERVED_FILES)
		return (size_t)wanted;
	size_t possible =
		limit.rlim_cur > RESERVED_FILES ? (size_t)limit.rlim_cur - RESERVED_FILES : 0;

	log_warn("max_connections is %lld and takes %lld descriptors, but only %llu may be open: "
		 "%zu connections are let in.  Raise LimitNOFILE= of the unit (or ulimit -n) to "
		 "%lld, or lower max_connections to %zu",
		(long long)wanted, (long long)wanted + RESERVED_FILES,
		(unsigned long long)limit.rlim_cur, possible, (long long)wanted + RESERVED_FILES,
		possible);
	return possible;
}

/* 0 a second: no limit. burst_s: how many seconds' worth may come at once. */
static struct pace_limit pace_per_second(int64_t per_second, int64_t burst_s)
{
	if (per_second == 0)
		return (struct pace_limit){ 0, 1 };
	return (struct pace_limit){ CLOCK_SECOND_US / per_second, burst_s * per_second };
}

static struct pace_limit pace_per_minute(int64_t per_minute, int64_t burst)
{
	if (per_minute == 0)
		return (struct pace_limit){ 0, 1 };
	return (struct pace_limit){ CLOCK_MINUTE_US / per_minute, burst };
}

struct server_settings server_settings_of(
	const struct relay_settings *s, const struct common_settings *common)
{
	write_legacy_headers(common->deprecated.legacy_sunset);
	return (struct server_settings){
		.eio = {
			.ping_interval_ms = (uint32_t)s->ping_interval_ms,
			.ping_timeout_ms = (uint32_t)s->ping_timeout_ms,
			.max_payload = (uint32_t)s->max_payload,
			.silent_grace_ms = (uint32_t)s->silent_client_ms,
		},
		.transports = EIO_POLLING | EIO_WEBSOCKET,
		.versions = 1U << EIO_VERSION_4 | 1U << EIO_VERSION_3,
		.paths = common->deprecated.webrest_alias ? with_alias : without_alias,
		.id = s->id,
		.allowed_origins = s->allowed_origins,
		.cors_headers = common->cors_headers,
		.max_connections = connections_possible(s->max_connections),
		.max_strangers_per_address = (size_t)s->max_sessions_per_address,
		.max_live_per_address = (size_t)s->max_live_sessions_per_address,
		.address_handshakes = pace_per_minute(s->handshakes_per_minute_per_address,
			s->handshake_burst_per_address),
		.max_queued = (size_t)s->max_queued_mib << 20,
		.max_before_login = STRANGER_BYTES,
		.handshakes = pace_per_second(s->handshakes_per_second, NEWCOMER_BURST),
		.messages = pace_per_second(s->messages_per_second, MESSAGE_BURST),
		.flood_ms = FLOOD_MS,
		.head_ms = HEAD_MS,
		.body_ms = BODY_MS,
		.idle_ms = IDLE_MS,
		.upgrade_ms = UPGRADE_MS,
		.login_ms = (uint32_t)s->login_timeout_ms,
		.stall_ms = STALL_MS,
		.linger_ms = LINGER_MS,
	};
}

#include "relay/admin/metric.h"

#define COUNTER(name, labels, member, help)                                          \
	{                                                                            \
		name, labels, METRIC_COUNTER, help, offsetof(struct figures, member) \
	}
#define GAUGE(name, labels, member, help)                                          \
	{                                                                          \
		name, labels, METRIC_GAUGE, help, offsetof(struct figures, member) \
	}
#define ENDED(code, reason)                                                                     \
	COUNTER("ended", "code=\"" #code "\",reason=\"" reason "\"", server.ended[code - 1000], \
		"Sessions ended by the relay, by WebSocket close code")

#define REFUSED(noun, word, status, text, setting)                               \
	COUNTER("refused", "reason=\"" word "\"", server.refused[REASON_##noun], \
		"Requests refused and sessions ended for a limit or a mistake, by reason"),

#define CLOSED(noun, word)                                                    \
	COUNTER("closes", "reason=\"" word "\"", server.closed[CLOSE_##noun], \
		"Sessions that ended, by reason"),

const struct metric relay_metrics[] = {
	GAUGE("connections", NULL, server.connections, "Open sockets"),
	GAUGE("transports", NULL, server.sessions, "Engine.IO sessions"),
	GAUGE("transports_polling", NULL, server.polling, "Engine.IO sessions on long-polling"),
	GAUGE("transports_v3", NULL, server.old_protocol, "Engine.IO sessions of version 3"),
	GAUGE("transports_strangers", NULL, server.strangers, "Engine.IO sessions not logged in"),
	GAUGE("queued_bytes", NULL, server.frames.bytes, "Bytes that wait for slow clients"),
	GAUGE("sessions", NULL, cti.sessions, "Clients that joined the namespace"),
	GAUGE("sessions_live", NULL, cti.sessions_live, "Clients logged in"),
	GAUGE("sessions_leaving", NULL, cti.sessions_leaving, "Clients about to be sent elsewhere"),
	GAUGE("logins_pending", NULL, cti.logins_pending, "Logins on their way"),
	GAUGE("channels", NULL, cti.channels, "Redis channels subscribed"),
	GAUGE("redis_up", NULL, cti.redis_up, "Whether Redis is connected: 0 or 1"),
	COUNTER("redis_losses", NULL, cti.redis_losses, "Connections to Redis that were lost"),
	COUNTER("handshakes", NULL, server.handshakes, "Engine.IO sessions opened"),
	REASONS(REFUSED) COUNTER("refused", "reason=\"user_sockets\"", cti.crowded,
		"Requests refused and sessions ended for a limit or a mistake, by reason"),
	CLOSE_REASONS(CLOSED)
		COUNTER("slow_clients", NULL, server.slow, "Clients dropped for not reading"),
	ENDED(1000, "normal"),
	ENDED(1001, "timed out"),
	ENDED(1002, "protocol"),
	ENDED(1008, "policy"),
	ENDED(1012, "restart"),
	ENDED(1013, "try again"),
	COUNTER("logins", NULL, cti.logins, "Logins accepted"),
	COUNTER("refusals", NULL, cti.refusals, "Clients told 401"),
	COUNTER("revocations", NULL, cti.revocations, "Clients whose session was ended"),
	COUNTER("expirations", NULL, cti.expirations, "Clients whose token ended"),
	COUNTER("takeovers", NULL, cti.takeovers, "Sessions replaced by a newer one"),
	COUNTER("kicks", NULL, cti.kicks, "Clients sent away by an operator or a takeover"),
	COUNTER("messages", NULL, cti.messages, "Messages from Redis"),
	COUNTER("messages_bad", NULL, cti.bad_messages, "Messages dropped as malformed"),
	COUNTER("messages_misplaced", NULL, cti.misplaced_messages,
		"Messages dropped as not for the channel they came on: a producer forges orders"),
	COUNTER("messages_stale", NULL, cti.stale_messages, "Messages dropped as too old"),
	COUNTER("deliveries", NULL, cti.deliveries, "Events sent to clients"),
	COUNTER("deliveries_withheld", NULL, cti.withheld,
		"Not sent to clients of Socket.IO 4, who would mistake the name"),
	COUNTER("deliveries_spared", "reason=\"outdated\"", server.frames.outdated,
		"Deliveries that a slow client was spared"),
	COUNTER("deliveries_spared", "reason=\"volatile\"", server.frames.fleeting,
		"Deliveries that a slow client was spared"),
	COUNTER("replays", NULL, cti.replays, "Of these, told after a login"),
	COUNTER("gaps", NULL, cti.gaps, "Gaps noticed in a channel"),
	COUNTER("resyncs", NULL, cti.resyncs, "Clients made to come back for it"),
	COUNTER("client_events", NULL, cti.client_events, "Events from clients"),
	COUNTER("client_events_dropped", NULL, cti.client_events_dropped,
		"Of these, dropped for their rate"),
	COUNTER("client_events_refused", NULL, cti.client_events_refused,
		"Of these, wishes the user may not have"),
	COUNTER("bad_requests", NULL, cti.bad_requests, "Of these, malformed"),
	COUNTER("user_messages", NULL, cti.user_messages, "Messages passed from user to user"),
	METRICS_END,
};

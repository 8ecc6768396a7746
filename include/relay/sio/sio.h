/*
 * One client's Socket.IO side: which namespaces it has joined, what its packets mean, what it is sent
 * (realtime sections 10 to 14).
 *
 * It stands between two structs of functions: the carrier below (a server's peer, or a test) takes whole
 * engine messages, the application above gets events.  No socket and no clock; memory of its own
 * only while attachments are awaited.
 */
#ifndef DIALTONE_RELAY_SIO_SIO_H
#define DIALTONE_RELAY_SIO_SIO_H

#include "base/frame.h"
#include "relay/sio/close_reason.h"
#include "relay/sio/packet.h"

#define SIO_ID_SIZE        21 /* 20 characters and a NUL */
#define SIO_NAMESPACES_MAX 4

struct sio;

/* How a session is to end; in each case after what was sent before has left. */
enum sio_end {
	SIO_END_BROKEN, /* the client broke the protocol */
	SIO_END_LEFT,   /* the application sent it away; 41 has been sent */
	SIO_END_RETRY,  /* nothing wrong with the client: it shall come back */
	SIO_END_RESTART /* the same, and this server is about to go */
};

/* What carries messages. */
struct sio_carrier {
	/* One engine message, borrowed: text with its "4", or the bytes of an attachment. */
	void (*send)(struct sio *s, struct frame *f);
	/* No more calls of the application come after this but on_gone. */
	void (*end)(struct sio *s, enum sio_end how, enum close_reason why);
	/* A fresh random id, NUL-terminated. */
	void (*make_id)(char out[SIO_ID_SIZE]);
	/* The application has accepted the client (or takes that back): the login deadline is off. */
	void (*settled)(struct sio *s, bool yes);
	/* Bytes that wait for the client. NULL: none ever do. */
	size_t (*waiting)(struct sio *s);
	/* The network the client comes from, "" when it is unknown. NULL: it always is. */
	const char *(*network)(struct sio *s);
};

/* How a session ended. */
struct sio_closing {
	enum close_reason why;
	uint16_t code; /* of the WebSocket; 0: none was sent or read */
};

/* The application. nsp is an index of namespaces[]. */
struct sio_app {
	const char *const *namespaces; /* NULL at the end; the first is "/"; SIO_NAMESPACES_MAX */
	bool events_connect;           /* an event on "/" as the first packet counts as CONNECT */
	bool takes_binary;             /* else what comes with attachments is passed over */
	/* JSON object for the CONNECT_ERROR that everybody gets, then the end; NULL: come in. */
	const char *refusal;
	/* The CONNECT answer has been sent. auth: the payload, "{}" when there is none; of protocol
	 * 4 the namespace's query, its values as strings. */
	void (*on_connect)(struct sio *s, unsigned nsp, struct str auth);
	/* An event or a binary event; borrowed. */
	void (*on_event)(struct sio *s, unsigned nsp, const struct sio_packet *p);
	void (*on_ack)(struct sio *s, unsigned nsp, const struct sio_packet *p);
	/* The client left the namespace. */
	void (*on_leave)(struct sio *s, unsigned nsp);
	/* The session ends, for this reason; told once, whatever ends it, before the network is forgotten.
	 * NULL: it need not know. */
	void (*on_closing)(struct sio *s, const struct sio_closing *closing);
	/* The session is over; the last call, also for one that never joined anything. */
	void (*on_gone)(struct sio *s);
	/* Set by an application that speaks Engine.IO alone: it gets every message as it came (text
	 * without its "4"), and of the other functions only on_gone is called. */
	void (*on_message)(struct sio *s, bool binary, struct str data);
};

struct sio_kind {
	const struct sio_carrier *carrier;
	const struct sio_app *app;
	void *arg;         /* the application's */
	size_t max_binary; /* bytes of a packet's attachments together */
};

enum sio_protocol { SIO_PROTOCOL_4 = 4, SIO_PROTOCOL_5 = 5 };

struct sio_assembly;

struct sio {
	const struct sio_kind *kind; /* shared by all clients */
	void *data;                  /* the application's; NULL at first */
	/* A packet whose attachments have not all come; NULL mostly. */
	struct sio_assembly *assembly;
	uint8_t joined;   /* bits of namespaces */
	uint8_t protocol; /* enum sio_protocol */
	bool begun;       /* the first packet has come, or none can */
	bool ended;
	bool closing;         /* on_closing has been called */
	uint32_t messages;    /* that the client sent */
	char id[SIO_ID_SIZE]; /* its socket id in "/", as the client was told; empty before */
};

void sio_init(struct sio *s, const struct sio_kind *kind, enum sio_protocol protocol);
/* The session is open. In protocol 4 the server joins "/" by itself. */
void sio_start(struct sio *s);

/* What the client sent behind the engine's "4". */
void sio_on_text(struct sio *s, struct str text);
/* A binary engine message. */
void sio_on_binary(struct sio *s, struct str bytes);
/* The carrier is gone. Calls on_gone once. */
void sio_on_gone(struct sio *s);

bool sio_is_joined(const struct sio *s, unsigned nsp);

/* Sends ["name",<args>]: args is JSON text without the brackets, may be empty. */
void sio_emit(struct sio *s, unsigned nsp, const char *name, struct str args);
/* The same with attachments, to which placeholders in args refer; n may be 0. */
void sio_emit_binary(struct sio *s, unsigned nsp, const char *name, struct str args,
	const struct str *binary, unsigned n);
/* Sends a ready event array in the namespace "/", framed once for all. */
void sio_emit_frame(struct sio *s, struct frame *f);
/* The frame for sio_emit_frame(): array is a whole JSON array. One reference, yours. */
struct frame *sio_event_frame(struct str array);
/* Answers an event that asked for it; args as above. Nothing when it did not. */
void sio_ack(struct sio *s, unsigned nsp, uint64_t id, struct str args);
void sio_ack_binary(struct sio *s, unsigned nsp, uint64_t id, struct str args,
	const struct str *binary, unsigned n);
/* Sends a message of an application that speaks Engine.IO alone. */
void sio_send_message(struct sio *s, bool binary, struct str data);
/* Sends 41 and forgets the namespace. The session is to be ended by sio_end(), behind which packets
 * that cross the 41 are dropped: one that stays takes them for a breach of the protocol. */
void sio_leave(struct sio *s, unsigned nsp);
/* Ends the session. */
void sio_end(struct sio *s, enum sio_end how, enum close_reason why);
/* The carrier tells why it ends, before or while it does. True: it had not been told. */
bool sio_close(struct sio *s, const struct sio_closing *closing);
const char *sio_network(struct sio *s);
void sio_settled(struct sio *s, bool yes);
/* Bytes the client has not taken yet. */
size_t sio_waiting(struct sio *s);

#endif

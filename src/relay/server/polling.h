/*
 * A session that began with long-polling: its held poll, its push, and the WebSocket it may move to.
 *
 *   queue --> poll held: answered once at the end of the turn, with all the turn has brought
 *         --> no poll:   waits, within its ceiling, for the next one
 *         --> upgraded:  sent over the WebSocket, in order, before anything newer
 *
 * An upgrade is a second connection (probe) beside the polls.  "2probe" is answered and every poll
 * from then on comes back at once, so that the client gets to stop polling; "5" hands the session over.
 * Until then a probe that is lost changes nothing.  A poll or push that the client gives up, or a second
 * one beside it, ends the session: part of an answer may be lost, and there is no telling which.
 */
#ifndef DIALTONE_RELAY_SERVER_POLLING_H
#define DIALTONE_RELAY_SERVER_POLLING_H

#include "relay/ws/http_head.h"
#include "peer.h"

/* Long-polling, for a session that began so. */
struct polling {
	struct list all;
	struct peer *peer;
	struct conn *poll, *push, *probe; /* borrowed; NULL: none */
	struct frame_queue *queue;
	struct deadline deadline; /* of the held poll, of what waits for one, or of the lingering */
	bool probed;              /* the WebSocket works, polls come back at once */
	bool left;                /* the client said goodbye */
	bool base64;              /* the client takes no bytes */
	char sid[PEER_SID_SIZE];
};

/* Opens a session; answers the request. */
void polling_open(struct conn *c, const struct peer_opening *opening, bool base64);
void polling_on_get(struct peer *peer, struct conn *c);
void polling_on_post(struct peer *peer, struct conn *c, const struct http_head *head);
void polling_on_body(struct conn *c, char *body, size_t n);
/* A WebSocket for a session that began on polling. */
void polling_on_upgrade(struct peer *peer, struct conn *c, const struct http_head *head);
void polling_on_turn_end(struct deadline *d, int64_t now_ms);
void polling_on_stall_deadline(struct deadline *d, int64_t now_ms);
void polling_on_linger_deadline(struct deadline *d, int64_t now_ms);

#endif

/*
 * A connected stream socket with a bounded output queue.
 *
 * Sending goes straight to the kernel; only what it did not take is queued, as a reference to the
 * frame and an offset.  While nothing waits there is no queue memory at all, so an idle socket costs
 * one pointer (realtime section 18).
 *
 * It does not own the policy: what to do with a full queue or a peer that is gone is the caller's.
 */
#ifndef DIALTONE_RELAY_NET_SOCK_H
#define DIALTONE_RELAY_NET_SOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/frame.h"
#include "relay/net/frame_queue.h"
#include "relay/net/loop.h"

struct sock {
	struct watch watch;      /* readable; writable too while something waits */
	struct frame_queue *out; /* NULL while nothing waits */
};

/* Sets the options of a fresh TCP or unix stream descriptor: not blocking, no Nagle, a bounded
 * kernel buffer, a dead peer noticed after 20 s. */
void sock_prepare(int fd);
/* Takes the descriptor over and watches it for input. fn gets &s->watch. */
void sock_open(struct sock *s, struct loop *l, int fd, watch_fn *fn);
/* Drops what waits and closes. Harmless when closed. */
void sock_close(struct sock *s, struct loop *l);
bool sock_is_open(const struct sock *s);

/* At most n bytes. ERR_AGAIN: nothing now; ERR_GONE: the peer has sent all it will, or is lost. */
MUST_CHECK enum err sock_read(struct sock *s, void *p, size_t n, size_t *ret_n);

/* Sends head and body, or queues the rest. ERR_LIMIT: too much waits already, nothing was taken;
 * ERR_GONE: the peer is lost. */
MUST_CHECK enum err sock_send(struct sock *s, struct loop *l, struct frame *f);
/* The same for bytes of the moment: copied only when they must wait. */
MUST_CHECK enum err sock_send_bytes(struct sock *s, struct loop *l, struct str bytes);
/* Queues the frame; the caller will call sock_flush() soon. Errors as above. */
MUST_CHECK enum err sock_post(struct sock *s, struct loop *l, struct frame *f);
/* Writes what waits, and watches for the rest; to be called when the descriptor is writable.
 * ERR_GONE: the peer is lost. */
MUST_CHECK enum err sock_flush(struct sock *s, struct loop *l);
/* Bytes that wait. */
size_t sock_waiting(const struct sock *s);
/* Tells the peer that nothing more comes. Only when nothing waits. */
void sock_end(struct sock *s);
/* Whether input is wanted: false stops reading, so that the peer feels it. */
void sock_want_input(struct sock *s, struct loop *l, bool on);

#endif

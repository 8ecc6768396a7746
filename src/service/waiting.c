#define _GNU_SOURCE
#include "service/waiting.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "service/limit.h"
#include "service/refusal.h"

#define SHARE         4 /* of the workers: one in so many */
#define RETRY_AFTER_S 1
#define NO_PLACE      (-1)
#define TURN          (1 << 20) /* behind all places */
#define LOOK_MS       10

const struct refusal waiting_full = { 503, "waiting_full",
	"Too many requests wait for another server; try again." };

enum err waiting_room_make(int *ret_file)
{
	int file = memfd_create("waiting-room", MFD_CLOEXEC);

	if (file < 0) {
		log_error("no room for requests that wait: %s", strerror(errno));
		return ERR_UNAVAILABLE;
	}
	*ret_file = file;
	return ERR_OK;
}

struct waiting_room waiting_room_of(int file, int64_t workers)
{
	return (struct waiting_room){ file, workers < SHARE ? 1 : workers / SHARE };
}

/* Each place is a byte of the file, which need not be there to be locked. */
static bool lock(const struct waiting_room *room, int64_t place, short how)
{
	struct flock l = { .l_type = how, .l_whence = SEEK_SET, .l_start = place, .l_len = 1 };

	return fcntl(room->file, F_SETLK, &l) == 0;
}

static int64_t enter(const struct waiting_room *room)
{
	for (int64_t place = 0; place < room->places; place++)
		if (lock(room, place, F_WRLCK))
			return place;
	return NO_PLACE;
}

static enum err no_place(struct service *s)
{
	limit_note(s, LIMIT_WAITING);
	s->retry_after_s = RETRY_AFTER_S;
	return refused(s, &waiting_full);
}

enum err waiting_for(struct service *s,
	enum err (*ask)(struct service *s, void *arg, int64_t until_ms), void *arg)
{
	const struct waiting_room *room = &s->waiting;
	int64_t place = room->file ? enter(room) : 0;
	enum err e;

	if (place == NO_PLACE)
		return no_place(s);
	e = ask(s, arg, clock_ms() + WAITING_MAX_MS);
	if (room->file)
		(void)lock(room, place, F_UNLCK);
	return e;
}

/* No lock waits with a time limit. */
static bool take_turn(const struct waiting_room *room, int64_t until_ms)
{
	static const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };

	while (!lock(room, TURN, F_WRLCK)) {
		if (clock_ms() >= until_ms)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

struct in_turn {
	enum err (*ask)(struct service *s, void *arg, int64_t until_ms);
	void *arg;
};

static enum err ask_in_turn(struct service *s, void *arg, int64_t until_ms)
{
	const struct in_turn *t = arg;
	enum err e;

	if (!s->waiting.file)
		return t->ask(s, t->arg, until_ms);
	if (!take_turn(&s->waiting, until_ms))
		return no_place(s);
	e = t->ask(s, t->arg, until_ms);
	(void)lock(&s->waiting, TURN, F_UNLCK);
	return e;
}

enum err waiting_in_turn_for(struct service *s,
	enum err (*ask)(struct service *s, void *arg, int64_t until_ms), void *arg)
{
	struct in_turn t = { ask, arg };

	return waiting_for(s, ask_in_turn, &t);
}

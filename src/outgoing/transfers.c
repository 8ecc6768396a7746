#include "outgoing/transfers.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define EVENTS_AT_ONCE   64
#define CONNECTIONS_KEPT 32
#define NEVER            (-1)

struct transfer {
	struct transfer *prev, *next;
	CURL *easy;
	void (*done)(void *arg, CURL *easy, CURLcode code);
	void *arg;
};

struct transfers {
	CURLM *multi;
	int epoll;
	int64_t due_ms; /* NEVER: only when a socket says something */
	struct transfer *first;
};

/* Any value that is not NULL: curl hands it back for a socket that epoll knows. */
static char known;

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *is_known)
{
	struct transfers *t = arg;
	struct epoll_event event = { .data.fd = fd };

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(t->epoll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	event.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
		       (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
	if (epoll_ctl(t->epoll, is_known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0)
		epoll_ctl(t->epoll, is_known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
	curl_multi_assign(t->multi, fd, &known);
	return 0;
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
	struct transfers *t = arg;

	(void)multi;
	t->due_ms = ms < 0 ? NEVER : clock_ms() + ms;
	return 0;
}

struct transfers *transfers_new(void)
{
	struct transfers *t = mem_alloc(sizeof(*t));

	t->due_ms = NEVER;
	t->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		log_fatal("libcurl cannot be used");
	t->multi = curl_multi_init();
	if (!t->multi || t->epoll < 0)
		log_fatal("no transfers can be made");
	curl_multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t);
	curl_multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(t->multi, CURLMOPT_TIMERDATA, t);
	curl_multi_setopt(t->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
	return t;
}

static void transfer_remove(struct transfers *t, struct transfer *one)
{
	if (one->prev)
		one->prev->next = one->next;
	else
		t->first = one->next;
	if (one->next)
		one->next->prev = one->prev;
	curl_multi_remove_handle(t->multi, one->easy);
}

void transfers_free(struct transfers **t)
{
	if (!*t)
		return;
	while ((*t)->first) {
		struct transfer *one = (*t)->first;

		transfer_remove(*t, one);
		curl_easy_cleanup(one->easy);
		free(one);
	}
	curl_multi_cleanup((*t)->multi);
	close((*t)->epoll);
	free(*t);
	*t = NULL;
}

void transfers_add(struct transfers *t, CURL *easy,
	void (*done)(void *arg, CURL *easy, CURLcode code), void *arg)
{
	struct transfer *one = mem_alloc(sizeof(*one));

	*one = (struct transfer){ NULL, t->first, easy, done, arg };
	if (t->first)
		t->first->prev = one;
	t->first = one;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, one);
	if (curl_multi_add_handle(t->multi, easy) != CURLM_OK)
		log_fatal("libcurl takes no transfer");
}

int transfers_fd(const struct transfers *t)
{
	return t->epoll;
}

int transfers_wait_ms(const struct transfers *t, int max_ms)
{
	int64_t ms = t->due_ms == NEVER ? max_ms : t->due_ms - clock_ms();

	if (ms < 0)
		return 0;
	return ms < max_ms ? (int)ms : max_ms;
}

static void drive(struct transfers *t)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int n = epoll_wait(t->epoll, events, EVENTS_AT_ONCE, 0), running;

	for (int i = 0; i < n; i++) {
		int what = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
			   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
			   (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

		curl_multi_socket_action(t->multi, events[i].data.fd, what, &running);
	}
	if (t->due_ms != NEVER && clock_ms() >= t->due_ms) {
		t->due_ms = NEVER;
		curl_multi_socket_action(t->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
}

static void end(struct transfers *t, CURL *easy, CURLcode code)
{
	struct transfer *one;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &one);
	transfer_remove(t, one);
	one->done(one->arg, easy, code);
	curl_easy_cleanup(easy);
	free(one);
}

void transfers_run(struct transfers *t)
{
	CURLMsg *message;
	int left;

	drive(t);
	while ((message = curl_multi_info_read(t->multi, &left)))
		if (message->msg == CURLMSG_DONE)
			end(t, message->easy_handle, message->data.result);
}

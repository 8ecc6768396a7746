/*
 * One loop: wait for a signal, a worker's word that it is ready, a deadline, or the time to look whether workers hang; then
 * bring the workers one step nearer to what is wanted.  adjust() alone decides about starting and ending.
 */
#define _GNU_SOURCE
#include "daemon/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "daemon/pid_file.h"
#include "daemon/readiness.h"
#include "daemon/watch.h"

#define GRACE_MS       10000
#define READY_MS       10000
#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000
#define STEADY_MS      10000 /* a worker that lived this long has not failed at its start */
#define SLOTS          SUPERVISOR_PLACES
#define BESIDE_MS      1000 /* between two starts of the process beside the workers */

/* Those behind WORKER_READY are on their way out.  One that was killed may stay for as long as a system call does not
 * return, of a disk that is away say: nothing waits for it. */
enum worker_state { WORKER_STARTING, WORKER_READY, WORKER_ENDING, WORKER_KILLED };

struct worker {
	pid_t pid;
	size_t place;
	enum worker_state state;
	bool old;     /* to be replaced */
	int ready_fd; /* our end; -1 once it has spoken */
	int64_t started_ms;
	int64_t deadline_ms; /* to become ready, or to have ended; INT64_MAX: none */
	struct watch watch;  /* while it is ready */
};

struct supervisor {
	const struct supervisor_settings *settings;
	struct worker workers[SLOTS];
	size_t count;
	int wanted;
	bool stopping, serves; /* serves: a worker has been ready */
	int64_t backoff_ms, restart_at_ms;
	pid_t beside; /* 0: it is not there */
	int64_t beside_at_ms;
	struct supervisor_figures own;
	int signal_fd;
	sigset_t former;
	struct pid_file pid_file;
};

struct tally {
	int live, starting, ending, old;
};

static bool is_live(const struct worker *w)
{
	return w->state <= WORKER_READY;
}

static struct tally count(const struct supervisor *s)
{
	struct tally t = { 0 };

	for (size_t i = 0; i < s->count; i++) {
		const struct worker *w = &s->workers[i];

		t.starting += w->state == WORKER_STARTING;
		t.ending += w->state == WORKER_ENDING;
		t.live += is_live(w);
		t.old += w->old && is_live(w);
	}
	return t;
}

static void close_ready(struct worker *w)
{
	if (w->ready_fd >= 0)
		close(w->ready_fd);
	w->ready_fd = -1;
}

/* A delay that is running already covers all workers that die during it. */
static void back_off(struct supervisor *s, int64_t now)
{
	if (now < s->restart_at_ms)
		return;
	s->backoff_ms = s->backoff_ms ? s->backoff_ms * 2 : BACKOFF_MIN_MS;
	if (s->backoff_ms > BACKOFF_MAX_MS)
		s->backoff_ms = BACKOFF_MAX_MS;
	s->restart_at_ms = now + s->backoff_ms;
}

static void forget_back_off(struct supervisor *s)
{
	s->backoff_ms = 0;
	s->restart_at_ms = 0;
}

static void abandon_replacement(struct supervisor *s)
{
	if (count(s).old == 0)
		return;
	log_error("a new worker did not become ready: the old ones stay");
	for (size_t i = 0; i < s->count; i++)
		s->workers[i].old = false;
}

static void ignore(int signal)
{
	const struct sigaction action = { .sa_handler = SIG_IGN };

	sigaction(signal, &action, NULL);
}

static struct supervisor_figures *figures_of(struct supervisor *s)
{
	return s->settings->figures ? s->settings->figures : &s->own;
}

static size_t free_place(struct supervisor *s)
{
	size_t place = 0;

	while (counter_read(&figures_of(s)->places[place].pid))
		place++;
	return place;
}

/* The terminal's ^C and hang-up reach the whole group: they are the supervisor's affair. */
static void become_child(struct supervisor *s, pid_t parent)
{
	ignore(SIGINT);
	ignore(SIGHUP);
	ignore(SIGPIPE);
	close(s->signal_fd);
	pid_file_leave(&s->pid_file);
	for (size_t i = 0; i < s->count; i++)
		close_ready(&s->workers[i]);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_SUCCESS); /* it died before the line above */
	sigprocmask(SIG_SETMASK, &s->former, NULL);
}

static void note_started(struct supervisor *s, size_t place, pid_t pid)
{
	counter_set(&figures_of(s)->places[place].used, 1);
	counter_set(&figures_of(s)->places[place].ends, 0);
	counter_set(&figures_of(s)->places[place].pid, (uint64_t)pid);
}

static bool start_worker(struct supervisor *s, int64_t now)
{
	int ready[2] = { -1, -1 };
	pid_t parent = getpid(), pid = -1;
	size_t place = free_place(s);

	if (pipe2(ready, O_CLOEXEC | O_NONBLOCK) == 0)
		pid = fork();
	if (pid == 0) {
		close(ready[0]);
		become_child(s, parent);
		exit(s->settings->run(s->settings->arg, place, ready[1]));
	}
	if (ready[1] >= 0)
		close(ready[1]);
	if (pid < 0) {
		log_error("starting a worker: %s", strerror(errno));
		if (ready[0] >= 0)
			close(ready[0]);
		back_off(s, now);
		return false;
	}
	note_started(s, place, pid);
	s->workers[s->count++] = (struct worker){ .pid = pid,
		.place = place,
		.state = WORKER_STARTING,
		.ready_fd = ready[0],
		.started_ms = now,
		.deadline_ms = now + s->settings->ready_ms };
	log_debug("worker %d started", (int)pid);
	return true;
}

static void let_go(
	struct supervisor *s, struct worker *w, enum worker_state state, int64_t deadline_ms)
{
	counter_set(&figures_of(s)->places[w->place].ends, 1);
	w->state = state;
	w->deadline_ms = deadline_ms;
	close_ready(w);
}

static void end_worker(struct supervisor *s, struct worker *w, int64_t now)
{
	kill(w->pid, SIGTERM);
	let_go(s, w, WORKER_ENDING, now + s->settings->grace_ms);
}

/* It ends a process that is stopped, too, as no other signal does, and leaves no core file: that would hold keys and
 * passwords. */
static void kill_worker(struct supervisor *s, struct worker *w)
{
	kill(w->pid, SIGKILL);
	let_go(s, w, WORKER_KILLED, INT64_MAX);
}

/* One that cannot be started, or does not live, is tried again each second. */
static void start_beside(struct supervisor *s, int64_t now)
{
	pid_t parent = getpid(), pid;

	if (!s->settings->beside || s->beside || s->stopping || now < s->beside_at_ms)
		return;
	s->beside_at_ms = now + BESIDE_MS;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, SUPERVISOR_BESIDE);
		become_child(s, parent);
		exit(s->settings->beside(s->settings->arg));
	}
	if (pid < 0)
		log_error("starting the process beside the workers: %s", strerror(errno));
	else
		s->beside = pid;
}

static void on_death_beside(struct supervisor *s, int status)
{
	const pid_t pid = s->beside;

	s->beside = 0;
	if (WIFSIGNALED(status) || WEXITSTATUS(status))
		log_warn("process %d, which tells the figures, ended (%s %d): another one is "
			 "started",
			(int)pid, WIFSIGNALED(status) ? "signal" : "status",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* An old one if there is one, else the youngest. */
static void end_one(struct supervisor *s, int64_t now)
{
	struct worker *chosen = NULL;

	for (struct worker *w = s->workers; w < s->workers + s->count; w++)
		if (is_live(w) && (!chosen || !chosen->old))
			chosen = w;
	if (chosen)
		end_worker(s, chosen, now);
}

/* Each has its connection to a database, those that do not go away too: there is no end to them otherwise. */
static bool has_room(const struct supervisor *s)
{
	return s->count < SLOTS && s->count < 2 * (size_t)s->wanted;
}

/* Missing workers are started at once.  Anything else goes one worker at a time, and waits until
 * no worker is starting or ending: at most one worker more than wanted is alive. */
static void adjust(struct supervisor *s, int64_t now)
{
	struct tally t = count(s);

	if (s->stopping)
		return;
	for (; t.live < s->wanted && now >= s->restart_at_ms && has_room(s); t.live++)
		if (!start_worker(s, now))
			return;
	t = count(s);
	if (t.live < s->wanted || t.starting || t.ending)
		return;
	if (t.live > s->wanted)
		end_one(s, now);
	else if (t.old && has_room(s) && !start_worker(s, now))
		abandon_replacement(s);
}

static void log_death(const struct worker *w, int status)
{
	if (!is_live(w))
		log_debug("worker %d ended", (int)w->pid);
	else if (WIFSIGNALED(status))
		log_warn("worker %d was killed by signal %d: another one is started; signal 9 is "
			 "often the machine out of memory, any other a fault to report",
			(int)w->pid, WTERMSIG(status));
	else
		log_warn(
			"worker %d exited with status %d: another one is started; the lines of its "
			"pid say why",
			(int)w->pid, WEXITSTATUS(status));
}

static void on_death(struct supervisor *s, struct worker *w, int status, int64_t now)
{
	struct worker dead = *w;

	log_death(w, status);
	close_ready(w);
	counter_set(&figures_of(s)->places[dead.place].pid, 0);
	if (is_live(&dead))
		counter_add(&figures_of(s)->restarts, 1);
	*w = s->workers[--s->count];
	if (!is_live(&dead))
		return;
	if (now - dead.started_ms >= STEADY_MS)
		forget_back_off(s);
	else
		back_off(s, now);
	if (dead.state == WORKER_STARTING && !dead.old)
		abandon_replacement(s);
}

static void reap(struct supervisor *s, int64_t now)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == s->beside)
			on_death_beside(s, status);
		for (size_t i = 0; i < s->count; i++)
			if (s->workers[i].pid == pid) {
				on_death(s, &s->workers[i], status, now);
				break;
			}
	}
}

static void end_beside(const struct supervisor *s)
{
	if (s->beside)
		kill(s->beside, SIGTERM);
}

/* It has nothing to finish, and would keep its sockets from a successor. */
static void kill_beside(const struct supervisor *s)
{
	if (s->beside && kill(s->beside, SIGKILL) == 0)
		waitpid(s->beside, NULL, 0);
}

static void stop(struct supervisor *s, int64_t now)
{
	if (!s->stopping)
		log_info("ending, workers alive: %zu", s->count);
	s->stopping = true;
	end_beside(s);
	for (size_t i = 0; i < s->count; i++)
		if (is_live(&s->workers[i]))
			end_worker(s, &s->workers[i], now);
}

static void reload(struct supervisor *s)
{
	int workers = s->wanted;

	if (s->stopping)
		return;
	if (s->settings->reload && s->settings->reload(s->settings->arg, &workers) != ERR_OK) {
		log_error("reload: nothing was changed, the workers go on as they are");
		return;
	}
	log_info("replacing all workers, wanted: %d", workers);
	s->wanted = workers < SUPERVISOR_WORKERS_MAX ? workers : SUPERVISOR_WORKERS_MAX;
	forget_back_off(s);
	end_beside(s);
	for (size_t i = 0; i < s->count; i++)
		s->workers[i].old = true;
}

static void on_signal(struct supervisor *s, int64_t now)
{
	struct signalfd_siginfo info;

	if (read(s->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		reap(s, now);
	else if (info.ssi_signo == SIGHUP)
		reload(s);
	else
		stop(s, now);
}

/* A worker that closed the pipe without a word is about to die, or runs into its deadline. */
static void on_ready(struct supervisor *s, struct worker *w)
{
	char word;

	if (read(w->ready_fd, &word, 1) == 1) {
		w->state = WORKER_READY;
		w->deadline_ms = INT64_MAX;
		log_debug("worker %d is ready", (int)w->pid);
		if (!s->serves)
			readiness_tell();
		s->serves = true;
	}
	close_ready(w);
}

static void on_deadline(struct supervisor *s, struct worker *w, int64_t now)
{
	if (w->state == WORKER_ENDING) {
		log_warn(
			"worker %d does not end and is killed: the request it had was answered 503",
			(int)w->pid);
		kill_worker(s, w);
		return;
	}
	log_error("worker %d does not become ready and is ended", (int)w->pid);
	end_worker(s, w, now);
	back_off(s, now);
	abandon_replacement(s);
}

/* When to look at it next; INT64_MAX: it is not watched. */
static int64_t next_look_ms(const struct supervisor *s, const struct worker *w)
{
	if (!s->settings->watch.steps || w->state != WORKER_READY)
		return INT64_MAX;
	return w->watch.looked_ms + WATCH_EVERY_MS;
}

static void look_at(struct supervisor *s, struct worker *w, int64_t now)
{
	const struct supervisor_watch *watch = &s->settings->watch;
	void *arg = s->settings->arg;

	if (!watch_sees_hang(&w->watch, watch->steps(arg, w->place), now, watch->patience_ms(arg)))
		return;
	watch->tell(arg, w->place, w->pid, w->watch.silent_ms);
	counter_add(&figures_of(s)->hung, 1);
	kill_worker(s, w);
}

static int time_left(const struct supervisor *s, int64_t now)
{
	int64_t next = INT64_MAX;

	if (!s->stopping && count(s).live < s->wanted && has_room(s))
		next = s->restart_at_ms;
	if (!s->stopping && s->settings->beside && !s->beside && s->beside_at_ms < next)
		next = s->beside_at_ms;
	for (const struct worker *w = s->workers; w < s->workers + s->count; w++) {
		if (w->deadline_ms < next)
			next = w->deadline_ms;
		if (next_look_ms(s, w) < next)
			next = next_look_ms(s, w);
	}
	if (next == INT64_MAX)
		return -1;
	return next > now ? (int)(next - now) : 0;
}

static void wait_and_handle(struct supervisor *s)
{
	struct pollfd fds[SLOTS + 1] = { { .fd = s->signal_fd, .events = POLLIN } };
	int64_t now = clock_ms();

	for (size_t i = 0; i < s->count; i++)
		fds[i + 1] = (struct pollfd){ .fd = s->workers[i].ready_fd, .events = POLLIN };
	if (poll(fds, s->count + 1, time_left(s, now)) < 0)
		return;
	now = clock_ms();
	for (size_t i = 0; i < s->count; i++) {
		if (fds[i + 1].revents)
			on_ready(s, &s->workers[i]);
		if (now >= s->workers[i].deadline_ms)
			on_deadline(s, &s->workers[i], now);
		if (now >= next_look_ms(s, &s->workers[i]))
			look_at(s, &s->workers[i], now);
	}
	/* Last: it may remove workers, and fds would no longer be theirs. */
	if (fds[0].revents)
		on_signal(s, now);
}

static void catch_signals(struct supervisor *s)
{
	sigset_t caught;

	sigemptyset(&caught);
	sigaddset(&caught, SIGTERM);
	sigaddset(&caught, SIGINT);
	sigaddset(&caught, SIGHUP);
	sigaddset(&caught, SIGCHLD);
	sigprocmask(SIG_BLOCK, &caught, &s->former);
	s->signal_fd = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signal_fd < 0)
		log_fatal("signalfd: %s", strerror(errno));
}

enum err supervisor_run(const struct supervisor_settings *settings)
{
	struct supervisor_settings complete = *settings;
	struct supervisor s = { .settings = &complete, .wanted = settings->workers };
	enum err e = pid_file_init(&s.pid_file, settings->pid_file);

	if (e)
		return e;
	complete.grace_ms = settings->grace_ms ? settings->grace_ms : GRACE_MS;
	complete.ready_ms = settings->ready_ms ? settings->ready_ms : READY_MS;
	catch_signals(&s);
	log_info("starting, workers wanted: %d", s.wanted);
	while (!s.stopping || s.count) {
		counter_set(&figures_of(&s)->wanted, (uint64_t)s.wanted);
		adjust(&s, clock_ms());
		start_beside(&s, clock_ms());
		wait_and_handle(&s);
	}
	kill_beside(&s);
	close(s.signal_fd);
	pid_file_finish(&s.pid_file);
	log_info("all workers have ended");
	return ERR_OK;
}

void worker_is_ready(int ready_fd)
{
	if (write(ready_fd, "R", 1) < 0)
		log_warn("the supervisor is gone: %s", strerror(errno));
	close(ready_fd);
}

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "push_priv.h"

#define ARGUMENTS_MAX 16
#define OUTPUT_MAX    1024 /* bytes of what it prints that are kept */
#define FIRST_FD      3

struct arguments {
	const char *words[ARGUMENTS_MAX + 1];
	size_t n;
};

/* The program while it runs. */
struct child {
	pid_t pid;
	int pidfd, output; /* -1: closed */
	char text[OUTPUT_MAX];
	size_t n;
};

static void add(struct arguments *a, const char *option, const char *value)
{
	a->words[a->n++] = option;
	a->words[a->n++] = value;
}

/* What stands behind "param:" in a list of words; NULL: it does not stand there. */
static const char *key_of(struct arena *arena, const char *keys, const char *param)
{
	struct str rest = str_from(keys);

	while (rest.n) {
		struct str key = str_split(&rest, ' '), name = str_split(&key, ':');

		if (key.n && str_is(name, param))
			return arena_strndup(arena, key.p, key.n);
	}
	return NULL;
}

/* Its interface wants the payload, with a token in it, and where there is one a key of Firebase as arguments,
 * which others on this machine can see while it runs (accounts-api 13.1). A key may be the path of a file. */
static struct arguments arguments_of(
	struct arena *arena, const struct push_settings *settings, const struct push_message *m)
{
	static const char *const types[] = { [PUSH_BACKGROUND] = "Background",
		[PUSH_MESSAGE] = "RemoteWithMutableContent",
		[PUSH_CALL] = "PushKit" };
	const char *key = key_of(arena, settings->flexisip_pusher_keys, m->param);
	struct arguments a = { { settings->flexisip_pusher }, 1 };

	add(&a, "--pn-provider", m->provider);
	add(&a, "--pn-param", m->param);
	add(&a, "--pn-prid", m->prid);
	if (m->payload)
		add(&a, "--customPayload", m->payload);
	if (m->call_id)
		add(&a, "--call-id", m->call_id);
	if (strcmp(m->provider, "fcm") != 0)
		add(&a, "--apple-push-type", types[m->type]);
	if (key)
		add(&a, "--key", key);
	return a;
}

static char *const *as_argv(const struct arguments *a)
{
	return (char *const *)(const void *)a->words;
}

/* A group of its own, so that all of it can be ended; none of our files, signals or variables: those have
 * passwords. */
static int spawn(const struct arguments *a, int output, pid_t *ret)
{
	static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
	char *const environment[] = { path, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none, all;
	int failure;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&files, FIRST_FD);
	posix_spawnattr_init(&how);
	posix_spawnattr_setflags(
		&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setsigdefault(&how, &all);
	failure = posix_spawn(ret, a->words[0], &files, &how, as_argv(a), environment);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	return failure;
}

/* Returns 0, or why not. */
static int child_start(struct child *c, const struct arguments *a)
{
	int ends[2], failure;

	*c = (struct child){ .pidfd = -1, .output = -1 };
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return errno;
	failure = spawn(a, ends[1], &c->pid);
	close(ends[1]);
	if (failure) {
		close(ends[0]);
		return failure;
	}
	c->output = ends[0];
	c->pidfd = pidfd_open(c->pid, 0);
	return 0;
}

static void child_read(struct child *c)
{
	char bytes[256];
	ssize_t n = read(c->output, bytes, sizeof(bytes));

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close(c->output);
		c->output = -1;
	}
	for (ssize_t i = 0; i < n && c->n < sizeof(c->text); i++)
		c->text[c->n++] = bytes[i];
}

/* True when it has ended by itself. */
static bool child_watch(struct child *c, int64_t until_ms)
{
	while (c->pidfd >= 0) {
		struct pollfd fds[] = { { .fd = c->pidfd, .events = POLLIN },
			{ .fd = c->output, .events = POLLIN } };
		int64_t left = until_ms - clock_ms();

		if (left <= 0)
			return false;
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			return false;
		if (c->output >= 0 && fds[1].revents)
			child_read(c);
		if (fds[0].revents)
			return true;
	}
	return false;
}

/* Its exit status; -1: it was ended. */
static int child_end(struct child *c)
{
	int status = 0;
	pid_t got;

	kill(-c->pid, SIGKILL);
	do
		got = waitpid(c->pid, &status, 0);
	while (got < 0 && errno == EINTR);
	if (c->output >= 0) {
		child_read(c);
		if (c->output >= 0)
			close(c->output);
	}
	if (c->pidfd >= 0)
		close(c->pidfd);
	return got == c->pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void log_output(const struct child *c)
{
	char quoted[2 * OUTPUT_MAX];

	if (c->n)
		log_info("flexisip_pusher prints %s",
			log_quote(quoted, sizeof(quoted), (struct str){ c->text, c->n }));
}

void flexisip_pusher_run(const struct push_settings *settings, const struct push_message *m,
	int64_t until_ms, struct dialogue *d)
{
	const struct arguments a = arguments_of(d->arena, settings, m);
	struct child c;
	int failure = child_start(&c, &a), status;
	bool in_time;

	if (failure) {
		dialogue_later(d, 0,
			arena_printf(
				d->arena, "flexisip_pusher does not start: %s", strerror(failure)));
		return;
	}
	in_time = child_watch(&c, until_ms);
	status = child_end(&c);
	if (in_time && status == 0) {
		dialogue_done(d);
		return;
	}
	log_output(&c);
	dialogue_later(d, 0,
		!in_time ? "flexisip_pusher takes too long"
			 : arena_printf(d->arena, "flexisip_pusher ends with %d", status));
}

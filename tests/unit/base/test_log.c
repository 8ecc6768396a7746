#define _GNU_SOURCE
#include "base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit.h"

/* Standard error is a pipe; what was written to it, as text, not waiting for more. */
static char *said(int pipe)
{
	static char text[65536];
	ssize_t n = read(pipe, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void fields_wait_until_they_are_many_or_a_sentence_comes(int pipe, size_t *written)
{
	log_collect(true);
	log_fields(LOG_LEVEL_INFO, "request", "n=one");
	log_fields(LOG_LEVEL_INFO, "request", "n=two");
	*written = strlen(said(pipe));
	log_info("three");
	written[1] = lines_of(said(pipe));
	for (int i = 0; i < 500; i++)
		log_fields(LOG_LEVEL_INFO, "request", "n=%d", i);
	written[2] = lines_of(said(pipe));
	log_collect(false);
	written[3] = lines_of(said(pipe));
	log_info("at once");
	written[4] = lines_of(said(pipe));
}

static void collected_lines_are_all_written_and_in_order(void **state)
{
	size_t written[5];
	int ends[2], former = dup(STDERR_FILENO);

	(void)state;
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	dup2(ends[1], STDERR_FILENO);
	fields_wait_until_they_are_many_or_a_sentence_comes(ends[0], written);
	dup2(former, STDERR_FILENO);
	assert_int_equal(written[0], 0);
	assert_int_equal(written[1], 3);
	assert_in_range(written[2], 450, 499);
	assert_int_equal(written[2] + written[3], 500);
	assert_int_equal(written[4], 1);
	close(ends[0]);
	close(ends[1]);
	close(former);
}

/* Standard error is a disk without room, then the pipe. */
static void lines_that_find_no_room_are_counted(void **state)
{
	int ends[2], former = dup(STDERR_FILENO), full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	const char *text;

	(void)state;
	assert_true(full >= 0);
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	dup2(full, STDERR_FILENO);
	log_info("one");
	log_info("two");
	log_info("three");
	dup2(ends[1], STDERR_FILENO);
	log_info("there is room again");
	dup2(former, STDERR_FILENO);
	text = said(ends[0]);
	assert_non_null(strstr(text, "event=lost lines=3\n"));
	assert_non_null(strstr(text, "there is room again"));
	close(full);
	close(former);
	close(ends[0]);
	close(ends[1]);
}

/* Runs fn while standard error is the pipe, whose other end is handed to it. */
static void with_pipe(int flags, void (*fn)(int reader, void *arg), void *arg)
{
	int ends[2], former = dup(STDERR_FILENO);

	assert_int_equal(pipe2(ends, flags), 0);
	dup2(ends[1], STDERR_FILENO);
	fn(ends[0], arg);
	dup2(former, STDERR_FILENO);
	close(ends[0]);
	close(ends[1]);
	close(former);
}

static void log_as_in_the_journal(int reader, void *arg)
{
	const char **written = arg;
	struct stat st;
	char stream[64];

	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		(unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_init("test", LOG_LEVEL_DEBUG);
	log_debug("a");
	log_info("b");
	log_warn("c");
	log_error("d");
	log_fields(LOG_LEVEL_INFO, "e", "n=1");
	written[0] = strdup(said(reader));
	assert_string_equal(log_mistake_mark(STDERR_FILENO), "<3>");
	assert_string_equal(log_mistake_mark(-1), "");
	setenv("JOURNAL_STREAM", "1:1", 1);
	assert_string_equal(log_mistake_mark(STDERR_FILENO), "");
	log_init("test", LOG_LEVEL_INFO);
	log_info("f");
	written[1] = strdup(said(reader));
	unsetenv("JOURNAL_STREAM");
	log_init("test", LOG_LEVEL_INFO);
	log_info("g");
	written[2] = strdup(said(reader));
}

static void priorities_are_for_the_journal_alone(void **state)
{
	static const char *const begin[] = { "<7>ts=", "<6>ts=", "<4>ts=", "<3>ts=", "<6>ts=" };
	char *written[3], *line;

	(void)state;
	with_pipe(O_CLOEXEC, log_as_in_the_journal, written);
	line = written[0];
	for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++) {
		assert_memory_equal(line, begin[i], strlen(begin[i]));
		line = strchr(line, '\n') + 1;
	}
	assert_memory_equal(written[1], "ts=", 3);
	assert_memory_equal(written[2], "ts=", 3);
	for (size_t i = 0; i < 3; i++)
		free(written[i]);
}

#define FLOOD 2000

static void flood(int reader, void *arg)
{
	char *all = arg;
	size_t n = 0;

	log_init("test", LOG_LEVEL_INFO);
	for (int i = 0; i < FLOOD; i++)
		log_info("%0100d", i);
	fcntl(reader, F_SETFL, O_NONBLOCK);
	for (ssize_t got; (got = read(reader, all + n, 65536)) > 0;)
		n += (size_t)got;
	all[n] = '\0';
	log_info("again");
	strcat(all, said(reader));
}

/* It ends at all: the write would wait for ever. */
static void a_reader_that_stands_still_costs_lines_and_is_told_how_many(void **state)
{
	char *all = malloc(1 << 20);
	const char *told;
	size_t lost;

	(void)state;
	with_pipe(O_CLOEXEC, flood, all);
	told = strstr(all, "event=lost lines=");
	assert_non_null(told);
	assert_int_equal(sscanf(told, "event=lost lines=%zu", &lost), 1);
	assert_int_equal(lines_of(all), FLOOD - lost + 2);
	assert_non_null(strstr(told, "msg=again"));
	free(all);
}

static void fill_the_only_page(int reader, void *arg)
{
	static char text[8192];

	(void)arg;
	assert_true(fcntl(reader, F_SETPIPE_SZ, 4096) == 4096);
	log_init("test", LOG_LEVEL_INFO);
	log_fields(LOG_LEVEL_INFO, "long", "n=%04000d", 1);
	log_fields(LOG_LEVEL_INFO, "long", "n=%04000d", 2);
	assert_true(read(reader, text, sizeof(text)) > 0);
	alarm(20);
	log_fields(LOG_LEVEL_INFO, "long", "n=%04000d", 3);
	alarm(0);
	assert_true(read(reader, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "event=lost lines=1"));
}

/* It ends at all, too. */
static void what_tells_the_loss_does_not_fill_the_room_of_the_next_line(void **state)
{
	(void)state;
	with_pipe(O_CLOEXEC, fill_the_only_page, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(collected_lines_are_all_written_and_in_order),
		cmocka_unit_test(lines_that_find_no_room_are_counted),
		cmocka_unit_test(priorities_are_for_the_journal_alone),
		cmocka_unit_test(a_reader_that_stands_still_costs_lines_and_is_told_how_many),
		cmocka_unit_test(what_tells_the_loss_does_not_fill_the_room_of_the_next_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#define _GNU_SOURCE
#include "base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(collected_lines_are_all_written_and_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

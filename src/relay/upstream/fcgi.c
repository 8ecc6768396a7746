#define _GNU_SOURCE
#include "relay/upstream/fcgi.h"

#include <string.h>

#define FCGI_VERSION 1
#define FCGI_HEAD    8
#define FCGI_RECORD  65535
#define FCGI_REQUEST 1 /* the id; there is one request on a connection */

enum fcgi_type { FCGI_BEGIN = 1, FCGI_END = 3, FCGI_PARAMS = 4, FCGI_STDIN = 5, FCGI_STDOUT = 6 };

static void put_record(struct buf *out, enum fcgi_type type, struct str content)
{
	const uint8_t head[FCGI_HEAD] = { FCGI_VERSION, (uint8_t)type, 0, FCGI_REQUEST,
		(uint8_t)(content.n >> 8), (uint8_t)content.n, 0, 0 };

	buf_add(out, head, sizeof(head));
	buf_add(out, content.p, content.n);
}

static void put_length(struct buf *out, size_t n)
{
	const uint8_t wide[4] = { (uint8_t)(0x80 | n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
		(uint8_t)n };

	if (n < 0x80)
		buf_add_char(out, (char)n);
	else
		buf_add(out, wide, sizeof(wide));
}

void fcgi_request_put(struct buf *out, const struct fcgi_param *params, size_t n)
{
	struct buf list;

	buf_init(&list, FCGI_RECORD);
	for (size_t i = 0; i < n; i++) {
		put_length(&list, strlen(params[i].name));
		put_length(&list, params[i].value.n);
		buf_add_str(&list, params[i].name);
		buf_add(&list, params[i].value.p, params[i].value.n);
	}
	if (list.overflow)
		out->overflow = true;
	put_record(out, FCGI_BEGIN, STR("\0\1\0\0\0\0\0\0"));
	put_record(out, FCGI_PARAMS, buf_str(&list));
	put_record(out, FCGI_PARAMS, STR(""));
	put_record(out, FCGI_STDIN, STR(""));
	buf_wipe(&list);
	buf_finish(&list);
}

void fcgi_answer_init(struct fcgi_answer *a, size_t max_output)
{
	buf_init(&a->record, FCGI_HEAD + FCGI_RECORD + 255);
	buf_init(&a->output, max_output);
}

void fcgi_answer_finish(struct fcgi_answer *a)
{
	buf_finish(&a->record);
	buf_finish(&a->output);
}

/* Bytes of the record that begins in a->record, as far as is known. */
static size_t record_size(const struct fcgi_answer *a)
{
	const uint8_t *p = (const uint8_t *)a->record.p;

	if (a->record.n < FCGI_HEAD)
		return FCGI_HEAD;
	return FCGI_HEAD + (size_t)(p[4] << 8 | p[5]) + p[6];
}

static enum err take_record(struct fcgi_answer *a)
{
	const uint8_t *p = (const uint8_t *)a->record.p;
	size_t n = (size_t)(p[4] << 8 | p[5]);
	bool end = p[1] == FCGI_END;

	if (p[1] == FCGI_STDOUT)
		buf_add(&a->output, p + FCGI_HEAD, n);
	buf_clear(&a->record);
	if (a->output.overflow)
		return ERR_LIMIT;
	return end ? ERR_OK : ERR_AGAIN;
}

enum err fcgi_answer_feed(struct fcgi_answer *a, const void *p, size_t n)
{
	const uint8_t *from = p;
	enum err e = ERR_AGAIN;

	while (n > 0 && e == ERR_AGAIN) {
		size_t need = record_size(a) - a->record.n;
		size_t take = need < n ? need : n;

		buf_add(&a->record, from, take);
		from += take;
		n -= take;
		if (a->record.p[0] != FCGI_VERSION)
			return ERR_PROTOCOL;
		if (a->record.n >= FCGI_HEAD && a->record.n == record_size(a))
			e = take_record(a);
	}
	return e;
}

bool fcgi_answer_read(const struct fcgi_answer *a, int *ret_status, struct str *ret_body)
{
	struct str all = buf_str(&a->output), head = all;
	const char *end = memmem(all.p, all.n, "\r\n\r\n", 4);
	uint64_t status = 200;

	if (!end)
		return false;
	head.n = (size_t)(end - all.p);
	while (head.p) {
		struct str line = str_trim(str_split(&head, '\n'));
		struct str name = str_split(&line, ':');
		struct str value = str_trim(line);

		if (str_case_is(name, "status") &&
			!str_to_uint(str_split(&value, ' '), 999, &status))
			return false;
	}
	*ret_status = (int)status;
	*ret_body = (struct str){ end + 4, all.n - (size_t)(end + 4 - all.p) };
	return true;
}

#include "resources/calls/call_record.h"

#include <assert.h>

#include "base/buf.h"
#include "base/json_writer.h"
#include "base/utf8.h"
#include "calls_priv.h"

/* Of a text, in bytes: more than the column takes in characters. */
#define TEXT_MAX_BYTES   1024
#define RECORD_MAX_BYTES ((size_t)64 << 10)

/* clang-format off */
#define PARTY_FIELDS(end)                                                                           \
	FIELD_INT_AS(call_record, end.account_id, #end "_account_id"),                              \
	FIELD_TEXT_AS(call_record, end.domain, #end "_domain"),                                     \
	FIELD_TEXT_AS(call_record, end.number, #end "_number"),                                     \
	FIELD_TEXT_AS(call_record, end.name, #end "_name"),                                         \
	FIELD_TEXT_AS(call_record, end.exten, #end "_exten")
/* clang-format on */

static const struct field record_fields[] = {
	FIELD_TEXT(call_record, call_id),
	FIELD_TEXT(call_record, linked_id),
	PARTY_FIELDS(from),
	PARTY_FIELDS(to),
	FIELD_INT(call_record, started_us),
	FIELD_INT(call_record, rang_us),
	FIELD_INT(call_record, answered_us),
	FIELD_INT(call_record, ended_us),
	FIELD_TEXT(call_record, cause),
	FIELD_INT(call_record, code),
	FIELDS_END,
};

/* Phones write what they like into their names. */
static const char *text_of(struct service *s, const char *text)
{
	struct str part = str_from(text);

	if (!utf8_is_valid(part.p, part.n))
		return NULL;
	if (part.n <= TEXT_MAX_BYTES)
		return text;
	part.n = TEXT_MAX_BYTES;
	while ((part.p[part.n] & 0xC0) == 0x80) /* inside a character */
		part.n--;
	return arena_strndup(s->arena, part.p, part.n);
}

static void write_record(struct service *s, struct json_writer *w, const struct call_record *record)
{
	struct call_record r = *record;

	FIELD_FOR_EACH(f, record_fields) {
		const char **text = field_member(f, &r);

		if (f->type == FIELD_TYPE_TEXT && *text)
			*text = text_of(s, *text);
	}
	json_object_begin(w);
	json_fields(w, record_fields, &r, READER_ANY);
	json_object_end(w);
}

static enum err add(struct service *s, const struct call_record *records, size_t n, bool reported)
{
	struct json_writer w;
	struct buf b;
	const char *json;

	assert(n <= CALL_RECORDS_MAX);
	buf_init(&b, CALL_RECORDS_MAX * RECORD_MAX_BYTES);
	json_writer_init(&w, &b);
	json_array_begin(&w);
	for (size_t i = 0; i < n; i++)
		write_record(s, &w, &records[i]);
	json_array_end(&w);
	json = buf_to_arena(&b, s->arena);
	assert(json);
	return call_store_add(s, json, reported);
}

enum err call_records_add(struct service *s, const struct call_record *records, size_t n)
{
	return add(s, records, n, false);
}

enum err call_records_add_reported(struct service *s, const struct call_record *records, size_t n)
{
	return add(s, records, n, true);
}

#include <stdlib.h>

#include "base/encode.h"
#include "base/json_writer.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "sio_priv.h"

/* A string of JSON. False: it would be none. */
static bool put_decoded(struct buf *json, struct str escaped)
{
	char *copy = mem_alloc(escaped.n + 1);
	struct str text = { copy, 0 };
	bool ok = percent_decode(
			  copy, escaped.n + 1, escaped, PERCENT_PLUS | PERCENT_LENIENT, &text.n) &&
		  utf8_is_valid(text.p, text.n);
	struct json_writer w;

	json_writer_init(&w, json);
	if (ok)
		json_str(&w, text);
	free(copy);
	return ok;
}

static bool put_pair(struct buf *json, struct str pair)
{
	struct str value = pair, name = str_split(&value, '=');

	if (json->n > 1)
		buf_add_char(json, ',');
	if (!put_decoded(json, name))
		return false;
	buf_add_char(json, ':');
	return put_decoded(json, value.p ? value : STR(""));
}

bool sio_query_put(struct buf *json, struct str query)
{
	buf_add_char(json, '{');
	while (query.p) {
		struct str pair = str_split(&query, '&');

		if (pair.n && !put_pair(json, pair))
			return false;
	}
	buf_add_char(json, '}');
	return !json->overflow;
}

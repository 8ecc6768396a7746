#include "base/json_scan.h"

#include <json-c/json.h>

#include "fuzz.h"

#define SMALL 2000 /* so that no limit on lengths is passed by escapes alone */

static const struct json_limits limits = { 2000, 4096, 1 << 20 };

/* What the scanner accepts, json-c's strict mode accepts, and it writes nothing worse. Whether text is UTF-8 is the
 * scanner's own business: json-c 0.18 refuses all but ASCII when it is asked to look. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_input(data, size);
	struct json_fault fault = { 0 };

	if (json_scan(text, &limits, &fault) != ERR_OK) {
		require(fault.at <= size && fault.reason);
		return 0;
	}
	require(utf8_is_valid(text.p, text.n));
	require(json_scan(text, NULL, &fault) == ERR_OK);
	struct json_tokener *tok = json_tokener_new_ex(JSON_DEPTH_MAX + 1);
	/* json-c wants to see the NUL behind a scalar. */
	char *copy = strndup(text.p, text.n);

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	struct json_object *o = json_tokener_parse_ex(tok, copy, (int)text.n + 1);

	require(json_tokener_get_error(tok) == json_tokener_success);
	if (size <= SMALL) {
		const char *again = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);

		require(json_scan(str_from(again), &limits, &fault) == ERR_OK);
	}
	json_object_put(o);
	json_tokener_free(tok);
	free(copy);
	return 0;
}

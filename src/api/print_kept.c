/* Prints nginx/kept.conf; run by the build, not installed. */
#include <stdio.h>
#include <stdlib.h>

#include "api/api.h"
#include "http/kept_rows.h"

#define TEXT_MAX 65536

int main(void)
{
	struct router *r = router_new();
	struct buf text;
	bool complete;

	buf_init(&text, TEXT_MAX);
	complete = api_add_endpoints(r, &text);
	if (complete)
		kept_rows_write(r, &text);
	complete = complete && !text.overflow;
	fputs(buf_str(&text).p, complete ? stdout : stderr);
	buf_finish(&text);
	router_free(&r);
	return complete ? EXIT_SUCCESS : EXIT_FAILURE;
}

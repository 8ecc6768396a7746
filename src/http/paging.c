#include "http/paging.h"

#include "http/bind.h"
#include "http/params.h"

struct paging {
	const char *page;
};
static const struct field paging_fields[] = { PAGING_FIELD(paging), FIELDS_END };
const struct shape paging_shape = { "PageQuery", paging_fields, sizeof(struct paging) };

/* What is wrong with the query string is told when the input is read. */
int64_t paging_page(const struct request *r, struct arena *arena)
{
	struct paging asked = { 0 };
	struct field_errors ignored;
	struct params params;
	uint64_t page;

	params_init(&params, arena);
	field_errors_init(&ignored, arena);
	if (params_add_form(&params, FIELD_IN_QUERY, r->query) != ERR_OK ||
		bind_fields(paging_fields, &params, &ignored, &asked) != ERR_OK)
		return 1;
	return str_to_uint(str_from(asked.page), INT32_MAX, &page) && page ? (int64_t)page : 1;
}

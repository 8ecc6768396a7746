#include "redis/message.h"

#include "fuzz.h"

static bool text_eq(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool list_eq(const struct message_list *a, const struct message_list *b)
{
	bool equal = a->n == b->n;

	for (size_t i = 0; equal && i < a->n; i++)
		equal = text_eq(a->items[i], b->items[i]);
	return equal;
}

static bool message_eq(const struct message *a, const struct message *b)
{
	return a->kind == b->kind && a->op == b->op && a->sequence == b->sequence &&
	       a->flags == b->flags && a->all == b->all && a->pv == b->pv && a->rate == b->rate &&
	       text_eq(a->id, b->id) && text_eq(a->name, b->name) && text_eq(a->epoch, b->epoch) &&
	       text_eq(a->coalesce_key, b->coalesce_key) && text_eq(a->but, b->but) &&
	       text_eq(a->old_jti, b->old_jti) && text_eq(a->new_jti, b->new_jti) &&
	       list_eq(&a->skip_users, &b->skip_users) && list_eq(&a->jtis, &b->jtis) &&
	       list_eq(&a->sids, &b->sids) && list_eq(&a->rooms, &b->rooms) &&
	       str_eq(a->payload, b->payload);
}

/* What is read and written is read the same again; what has to be escaped may grow too long. */
static void check_again(struct arena *a, const struct message *m)
{
	struct message again;
	struct buf out;
	enum err e;

	buf_init(&out, 8 * MESSAGE_MAX);
	message_write(&out, m);
	require(!out.overflow);
	e = message_parse(buf_str(&out), a, &again);
	require(e == ERR_LIMIT || (e == ERR_OK && message_eq(m, &again)));
	buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(4096);
	struct message m;

	if (message_parse(fuzz_input(data, size), a, &m) == ERR_OK) {
		require(m.kind == MESSAGE_CONTROL || str_starts(m.payload, "["));
		check_again(a, &m);
	}
	arena_free(&a);
	return 0;
}

#include <stdlib.h>

#include "base/mem.h"
#include "core_priv.h"

struct talk *talk_new(struct device *d, bool outgoing)
{
	struct talk *t = mem_alloc(sizeof(*t));

	t->device = d;
	t->outgoing = outgoing;
	list_add_tail(&d->talks, &t->of_device);
	return t;
}

void talk_free(struct talk *t)
{
	list_remove(&t->of_device);
	free(t->id);
	free(t->linked_id);
	free(t->unique_id);
	free(t->counterpart_num);
	free(t->counterpart_name);
	free(t->source_channel);
	free(t->dest_channel);
	free(t);
}

#include "service/count.h"

#include "base/counter.h"

void count_note(const struct service *s, enum count count)
{
	if (s->counts)
		counter_add(&s->counts[count], 1);
}

void count_note_login(const struct service *s, int door, enum count_result result)
{
	count_note(s, (enum count)(COUNT_LOGIN_RIGHT + COUNT_RESULTS * door + (int)result));
}

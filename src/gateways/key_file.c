#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json_slice.h"
#include "base/log.h"
#include "base/sample.h"
#include "base/text_input.h"
#include "gateways_priv.h"

/* Not there is for the caller to tell; anything else is an operator's mistake that shows nowhere else. */
static enum err failure(const char *path, int error)
{
	static struct sample told;

	if (error == ENOENT)
		return ERR_NOT_FOUND;
	if (sample_take(&told, clock_ms(), NULL))
		log_warn("%s cannot be read: %s", path, strerror(error));
	return ERR_UNAVAILABLE;
}

enum err key_file_read(struct arena *arena, const char *path, const char **ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct buf text;
	enum err e = ERR_OK;

	if (fd < 0)
		return failure(path, errno);
	buf_init(&text, KEY_FILE_MAX);
	if (text_input_read(fd, &text))
		*ret = arena_strndup(arena, text.n ? text.p : "", text.n);
	else
		e = failure(path, errno);
	buf_wipe(&text);
	buf_finish(&text);
	close(fd);
	return e;
}

const char *json_member_text(struct arena *arena, struct str object, const char *name)
{
	struct str value;
	char *text;
	size_t n;

	if (!json_slice_is_valid(str_trim(object)) ||
		!json_slice_member(str_trim(object), name, &value))
		return NULL;
	text = arena_alloc(arena, value.n + 1);
	return json_slice_text(value, text, value.n + 1, &n) ? text : NULL;
}

int64_t json_member_count(struct str text, const char *name)
{
	struct str value;
	uint64_t n;

	if (!json_slice_is_valid(str_trim(text)) ||
		!json_slice_member(str_trim(text), name, &value) ||
		!json_slice_uint(value, INT32_MAX, &n))
		return 0;
	return (int64_t)n;
}

#include "conf/setting.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#define MODE_MAX 0777

static void *member(const struct setting *row, void *object)
{
	return (char *)object + row->offset;
}

static const void *value(const struct setting *row, const void *object)
{
	return (const char *)object + row->offset;
}

static bool is_text(const struct setting *row)
{
	return row->type == SETTING_TYPE_TEXT || row->type == SETTING_TYPE_PATH ||
	       row->type == SETTING_TYPE_LIST;
}

static bool is_one_of(struct str text, const char *const *values)
{
	for (; *values; values++)
		if (str_is(text, *values))
			return true;
	return false;
}

static bool has_control_characters(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

static size_t longest(const struct setting *row)
{
	return row->type == SETTING_TYPE_TEXT && row->max ? (size_t)row->max : SETTING_TEXT_MAX;
}

static bool text_is_acceptable(const struct setting *row, struct str text)
{
	if (text.n == 0)
		return !(row->flags & SETTING_REQUIRED);
	if (text.n > longest(row) || text.n < (size_t)row->min || has_control_characters(text))
		return false;
	if (row->type == SETTING_TYPE_PATH && text.p[0] != '/')
		return false;
	if (row->one_of && !is_one_of(text, row->one_of))
		return false;
	return !row->check || row->check(text);
}

static bool read_text(const struct setting *row, struct str text, struct arena *arena, void *object)
{
	if (!text_is_acceptable(row, text))
		return false;
	*(const char **)member(row, object) = arena_strndup(arena, text.p, text.n);
	return true;
}

/* Each word is held against the row as if it were the value; the list is rebuilt without blanks. */
static bool read_list(const struct setting *row, struct str text, struct arena *arena, void *object)
{
	char *joined = arena_alloc(arena, text.n + 1), *end = joined;

	text = str_trim(text);
	if (text.n == 0 && (row->flags & SETTING_REQUIRED))
		return false;
	while (text.n) {
		struct str word = str_trim(str_split(&text, ','));

		if (word.n == 0 || !text_is_acceptable(row, word))
			return false;
		if (end != joined)
			*end++ = ',';
		memcpy(end, word.p, word.n);
		end += word.n;
	}
	*(const char **)member(row, object) = joined;
	return true;
}

static bool read_int(const struct setting *row, struct str text, struct arena *arena, void *object)
{
	uint64_t v;

	(void)arena;
	if (!str_to_uint(text, (uint64_t)row->max, &v) || v < (uint64_t)row->min)
		return false;
	*(int64_t *)member(row, object) = (int64_t)v;
	return true;
}

static bool read_mode(const struct setting *row, struct str text, struct arena *arena, void *object)
{
	int64_t mode = 0;

	(void)arena;
	if (text.n < 3 || text.n > 4)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '7')
			return false;
		mode = mode * 8 + (text.p[i] - '0');
	}
	if (mode > MODE_MAX)
		return false;
	*(int64_t *)member(row, object) = mode;
	return true;
}

static bool read_bool(const struct setting *row, struct str text, struct arena *arena, void *object)
{
	static const char *const yes[] = { "true", "yes", "on", "1", NULL };
	static const char *const no[] = { "false", "no", "off", "0", NULL };
	bool v = is_one_of(text, yes);

	(void)arena;
	if (!v && !is_one_of(text, no))
		return false;
	*(bool *)member(row, object) = v;
	return true;
}

bool setting_read(const struct setting *row, struct str text, struct arena *arena, void *object)
{
	static bool (*const readers[])(
		const struct setting *, struct str, struct arena *, void *) = {
		[SETTING_TYPE_TEXT] = read_text,
		[SETTING_TYPE_PATH] = read_text,
		[SETTING_TYPE_LIST] = read_list,
		[SETTING_TYPE_INT] = read_int,
		[SETTING_TYPE_MODE] = read_mode,
		[SETTING_TYPE_BOOL] = read_bool,
	};

	return text.n <= SETTING_TEXT_MAX && readers[row->type](row, text, arena, object);
}

void setting_read_default(const struct setting *row, struct arena *arena, void *object)
{
	bool acceptable = setting_read(row, str_from(row->def), arena, object);

	assert(acceptable);
	(void)acceptable;
}

void setting_write(const struct setting *row, const void *object, struct buf *out)
{
	const void *v = value(row, object);

	if (is_text(row))
		buf_add_str(out, *(const char *const *)v);
	else if (row->type == SETTING_TYPE_BOOL)
		buf_add_str(out, *(const bool *)v ? "true" : "false");
	else
		buf_printf(out, row->type == SETTING_TYPE_MODE ? "%04" PRIo64 : "%" PRId64,
			*(const int64_t *)v);
}

bool setting_is_equal(const struct setting *row, const void *a, const void *b)
{
	const void *va = value(row, a), *vb = value(row, b);

	if (is_text(row))
		return strcmp(*(const char *const *)va, *(const char *const *)vb) == 0;
	if (row->type == SETTING_TYPE_BOOL)
		return *(const bool *)va == *(const bool *)vb;
	return *(const int64_t *)va == *(const int64_t *)vb;
}

void setting_copy(const struct setting *row, struct arena *arena, void *to, const void *from)
{
	const void *v = value(row, from);

	if (is_text(row))
		*(const char **)member(row, to) = arena_strdup(arena, *(const char *const *)v);
	else if (row->type == SETTING_TYPE_BOOL)
		*(bool *)member(row, to) = *(const bool *)v;
	else
		*(int64_t *)member(row, to) = *(const int64_t *)v;
}

static void write_words(struct buf *out, const char *start, const char *const *words)
{
	buf_add_str(out, start);
	for (; *words; words++)
		buf_printf(out, " %s%s", *words, words[1] ? "," : "");
}

static void write_int_rule(const struct setting *row, struct buf *out)
{
	buf_printf(out, "a whole number from %" PRId64 " to %" PRId64, row->min, row->max);
}

static void write_text_rule(const struct setting *row, struct buf *out)
{
	static const char *const plain[] = {
		[SETTING_TYPE_TEXT] = "text",
		[SETTING_TYPE_PATH] = "an absolute path",
		[SETTING_TYPE_LIST] = "words separated by commas",
	};

	if (row->must_be)
		buf_add_str(out, row->must_be);
	else if (row->one_of)
		write_words(
			out, row->type == SETTING_TYPE_LIST ? "some of" : "one of", row->one_of);
	else
		buf_add_str(out, plain[row->type]);
	if (row->type == SETTING_TYPE_TEXT && row->max)
		buf_printf(out, " of %" PRId64 " to %" PRId64 " bytes", row->min, row->max);
	if (!(row->flags & SETTING_REQUIRED))
		buf_add_str(out, ", or empty");
}

void setting_write_rule(const struct setting *row, struct buf *out)
{
	if (is_text(row))
		write_text_rule(row, out);
	else if (row->type == SETTING_TYPE_INT)
		write_int_rule(row, out);
	else
		buf_add_str(out, row->type == SETTING_TYPE_BOOL ? "true or false"
								: "octal permissions like 0660");
}

#include "conf/setting.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"

#define MODE_MAX 0777
#define DAY_SIZE 11 /* "2026-06-01" and its NUL */

static void *member(const struct setting *row, void *object)
{
	return (char *)object + row->offset;
}

static const void *value(const struct setting *row, const void *object)
{
	return (const char *)object + row->offset;
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
	if (row->one_of && !str_is_one_of(text, row->one_of))
		return false;
	return !row->check || row->check(text);
}

static bool read_text(const struct setting *row, struct str text, struct arena *arena, void *ret)
{
	if (!text_is_acceptable(row, text))
		return false;
	*(const char **)ret = arena_strndup(arena, text.p, text.n);
	return true;
}

/* Each word is held against the row as if it were the value; the list is rebuilt without spaces. */
static bool read_list(const struct setting *row, struct str text, struct arena *arena, void *ret)
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
	*(const char **)ret = joined;
	return true;
}

static bool read_int(const struct setting *row, struct str text, struct arena *arena, void *ret)
{
	uint64_t v;

	(void)arena;
	if (!str_to_uint(text, (uint64_t)row->max, &v) || v < (uint64_t)row->min)
		return false;
	*(int64_t *)ret = (int64_t)v;
	return !row->check || row->check(text);
}

static bool read_mode(const struct setting *row, struct str text, struct arena *arena, void *ret)
{
	int64_t mode = 0;

	(void)row;
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
	*(int64_t *)ret = mode;
	return true;
}

static bool read_bool(const struct setting *row, struct str text, struct arena *arena, void *ret)
{
	static const char *const yes[] = { "true", "yes", "on", "1", NULL };
	static const char *const no[] = { "false", "no", "off", "0", NULL };
	bool v = str_is_one_of(text, yes);

	(void)row;
	(void)arena;
	if (!v && !str_is_one_of(text, no))
		return false;
	*(bool *)ret = v;
	return true;
}

/* The place of a word among those of the row. */
static bool find_word(const struct setting *row, struct str word, unsigned *ret)
{
	for (unsigned i = 0; row->one_of[i]; i++)
		if (str_is(word, row->one_of[i])) {
			*ret = i;
			return true;
		}
	return false;
}

static bool read_choice(const struct setting *row, struct str text, struct arena *arena, void *ret)
{
	(void)arena;
	return find_word(row, text, ret);
}

static bool read_set(const struct setting *row, struct str text, struct arena *arena, void *ret)
{
	unsigned set = 0, bit;

	(void)arena;
	text = str_trim(text);
	if (text.n == 0 && (row->flags & SETTING_REQUIRED))
		return false;
	while (text.n) {
		if (!find_word(row, str_trim(str_split(&text, ',')), &bit))
			return false;
		set |= 1U << bit;
	}
	*(unsigned *)ret = set;
	return true;
}

static bool read_date(const struct setting *row, struct str text, struct arena *arena, void *ret)
{
	char midnight[CLOCK_SQL_SIZE] = "0000-00-00 00:00:00";

	(void)row;
	(void)arena;
	if (text.n != DAY_SIZE - 1)
		return false;
	memcpy(midnight, text.p, text.n);
	return clock_sql_parse(str_from(midnight), ret);
}

static void write_text(const struct setting *row, const void *v, struct buf *out)
{
	(void)row;
	buf_add_str(out, *(const char *const *)v);
}

static void write_int(const struct setting *row, const void *v, struct buf *out)
{
	(void)row;
	buf_printf(out, "%" PRId64, *(const int64_t *)v);
}

static void write_mode(const struct setting *row, const void *v, struct buf *out)
{
	(void)row;
	buf_printf(out, "%04" PRIo64, *(const int64_t *)v);
}

static void write_bool(const struct setting *row, const void *v, struct buf *out)
{
	(void)row;
	buf_add_str(out, *(const bool *)v ? "true" : "false");
}

static void write_choice(const struct setting *row, const void *v, struct buf *out)
{
	buf_add_str(out, row->one_of[*(const unsigned *)v]);
}

static void write_set(const struct setting *row, const void *v, struct buf *out)
{
	const unsigned set = *(const unsigned *)v;
	const char *between = "";

	for (unsigned i = 0; row->one_of[i]; i++) {
		if (!(set & 1U << i))
			continue;
		buf_printf(out, "%s%s", between, row->one_of[i]);
		between = ",";
	}
}

static void write_date(const struct setting *row, const void *v, struct buf *out)
{
	char text[CLOCK_SQL_SIZE];

	(void)row;
	buf_add(out, clock_sql(text, *(const int64_t *)v), DAY_SIZE - 1);
}

/* What is done by type. */
static const struct kind {
	bool (*read)(const struct setting *row, struct str text, struct arena *arena, void *ret);
	void (*write)(const struct setting *row, const void *v, struct buf *out);
	size_t size;      /* of the member; 0: a text */
	const char *rule; /* what a value must be when the row does not say */
} kinds[] = {
	[SETTING_TYPE_TEXT] = { read_text, write_text, 0, "text" },
	[SETTING_TYPE_PATH] = { read_text, write_text, 0, "an absolute path" },
	[SETTING_TYPE_LIST] = { read_list, write_text, 0, "words separated by commas" },
	[SETTING_TYPE_INT] = { read_int, write_int, sizeof(int64_t), "a whole number" },
	[SETTING_TYPE_MODE] = { read_mode, write_mode, sizeof(int64_t),
		"octal permissions like 0660" },
	[SETTING_TYPE_BOOL] = { read_bool, write_bool, sizeof(bool), "true or false" },
	[SETTING_TYPE_CHOICE] = { read_choice, write_choice, sizeof(unsigned), NULL },
	[SETTING_TYPE_SET] = { read_set, write_set, sizeof(unsigned), NULL },
	[SETTING_TYPE_DATE] = { read_date, write_date, sizeof(int64_t), "a date like 2026-06-01" },
};

bool setting_read(const struct setting *row, struct str text, struct arena *arena, void *object)
{
	return text.n <= SETTING_TEXT_MAX &&
	       kinds[row->type].read(row, text, arena, member(row, object));
}

void setting_read_default(const struct setting *row, struct arena *arena, void *object)
{
	bool acceptable = setting_read(row, str_from(row->def), arena, object);

	assert(acceptable);
	(void)acceptable;
}

void setting_write(const struct setting *row, const void *object, struct buf *out)
{
	kinds[row->type].write(row, value(row, object), out);
}

bool setting_is_equal(const struct setting *row, const void *a, const void *b)
{
	const void *va = value(row, a), *vb = value(row, b);
	const size_t size = kinds[row->type].size;

	return size ? memcmp(va, vb, size) == 0
		    : strcmp(*(const char *const *)va, *(const char *const *)vb) == 0;
}

void setting_copy(const struct setting *row, struct arena *arena, void *to, const void *from)
{
	const size_t size = kinds[row->type].size;

	if (size)
		memcpy(member(row, to), value(row, from), size);
	else
		*(const char **)member(row, to) =
			arena_strdup(arena, *(const char *const *)value(row, from));
}

static void write_words(struct buf *out, const char *start, const char *const *words)
{
	buf_add_str(out, start);
	for (; *words; words++)
		buf_printf(out, " %s%s", *words, words[1] ? "," : "");
}

static bool may_be_empty(const struct setting *row)
{
	const bool can = kinds[row->type].size == 0 || row->type == SETTING_TYPE_SET;

	return can && !(row->flags & SETTING_REQUIRED);
}

void setting_write_rule(const struct setting *row, struct buf *out)
{
	const bool words = row->type == SETTING_TYPE_LIST || row->type == SETTING_TYPE_SET;

	if (row->must_be)
		buf_add_str(out, row->must_be);
	else if (row->one_of)
		write_words(out, words ? "some of" : "one of", row->one_of);
	else
		buf_add_str(out, kinds[row->type].rule);
	if (row->type == SETTING_TYPE_TEXT && row->max)
		buf_printf(out, " of %" PRId64 " to %" PRId64 " bytes", row->min, row->max);
	if (row->type == SETTING_TYPE_INT)
		buf_printf(out, " from %" PRId64 " to %" PRId64, row->min, row->max);
	if (may_be_empty(row))
		buf_add_str(out, ", or empty");
}

#include "http/bind.h"

#include <stdio.h>

#include "http/json_in.h"

#include "../unit.h"

struct sample {
	const char *username, *password, *algorithm, *dict, *any, *state;
	int64_t id, page, when, moment, ended;
	bool flag;
	enum tri maybe;
};

static const struct text *no_capitals(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return &text_lowercase;
	return NULL;
}

static const char *const algorithms[] = { "MD5", "SHA-256", NULL };

static const struct field end_fields[] = {
	FIELD_TIME_AS(sample, ended, "at", .flags = FIELD_REQUIRED),
	FIELD_TEXT(sample, state, .max = 5),
	FIELDS_END,
};
static const struct field sample_fields[] = {
	FIELD_INT(sample, id, .in = FIELD_IN_PATH, .min = 1),
	FIELD_TEXT(sample, username, .flags = FIELD_REQUIRED | FIELD_NFC, .min = 3, .max = 8,
		.check = no_capitals),
	{ .name = "user",
		.type = FIELD_TYPE_TEXT,
		.offset = offsetof(struct sample, username),
		.flags = FIELD_ALIAS },
	FIELD_TEXT(sample, password, .flags = FIELD_SECRET | FIELD_RAW, .max = 20),
	FIELD_TEXT(sample, algorithm, .one_of = algorithms),
	FIELD_INT(sample, page, .in = FIELD_IN_QUERY, .min = 1, .max = 100),
	FIELD_BOOL(sample, flag),
	FIELD_TRI(sample, maybe),
	FIELD_STAMP(sample, when),
	FIELD_TIME(sample, moment),
	FIELD_DICT(sample, dict),
	FIELD_JSON(sample, any),
	FIELD_GROUP("end", end_fields),
	FIELDS_END,
};

static struct arena *arena;
static struct params params;
static struct field_errors errors;
static struct sample got;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(4096);
	params_init(&params, arena);
	field_errors_init(&errors, arena);
	got = (struct sample){ 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static enum err bind_texts(const char *query, const char *json)
{
	struct json_object *o;
	struct json_fault fault = { 0, "" };

	teardown(NULL);
	setup(NULL);
	params_add_path(&params, STR("id"), STR("7"));
	assert_int_equal(params_add_form(&params, FIELD_IN_QUERY, str_from(query)), ERR_OK);
	if (json_in_object(arena, str_from(json), &o, &fault) != ERR_OK)
		fail_msg("%s: %s", json, fault.reason);
	assert_int_equal(params_add_json(&params, o), ERR_OK);
	return bind_fields(sample_fields, &params, &errors, &got);
}

static void assert_good(const char *json)
{
	if (bind_texts("username=alice", json) != ERR_OK)
		fail_msg("%s: %s has text %s", json, errors.first->name, errors.first->text->key);
}

/* The only error is this one. */
static void assert_bad(const char *json, const char *name, const struct text *text)
{
	if (bind_texts("username=alice", json) != ERR_INVALID)
		fail_msg("accepted: %s", json);
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.first->name, name);
	assert_int_equal(errors.first->text, text);
}

static void a_whole_input_is_bound(void **state)
{
	(void)state;
	assert_int_equal(
		bind_texts("page=3",
			"{\"username\":\" bob \",\"password\":\" s p \",\"algorithm\":\"MD5\","
			"\"flag\":true,\"maybe\":0,\"when\":\"2026-01-02 03:04:05\","
			"\"dict\":{\"k\":\" v\\u00e9/\",\"a\":\"\"},\"any\":[1, {\"x\":null}],"
			"\"unknown\":[]}"),
		ERR_OK);
	assert_int_equal(got.id, 7);
	assert_int_equal(got.page, 3);
	assert_string_equal(got.username, "bob");
	assert_string_equal(got.password, " s p ");
	assert_string_equal(got.algorithm, "MD5");
	assert_true(got.flag);
	assert_int_equal(got.maybe, TRI_FALSE);
	assert_true(got.when == 1767323045000000);
	assert_string_equal(got.dict, "{\"k\":\"v\xc3\xa9/\",\"a\":\"\"}");
	assert_string_equal(got.any, "[1,{\"x\":null}]");
}

static void absent_null_and_empty_leave_the_member_alone(void **state)
{
	const char *const nothing[] = { "{}", "{\"algorithm\":null,\"maybe\":null,\"page\":null}",
		"{\"algorithm\":\"  \",\"maybe\":\"\",\"when\":\" \",\"password\":\"\"}" };

	(void)state;
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
		assert_good(nothing[i]);
		assert_null(got.algorithm);
		assert_null(got.password);
		assert_int_equal(got.maybe, TRI_UNSET);
		assert_int_equal(got.when, 0);
	}
	got.page = 1;
	assert_int_equal(bind_fields(sample_fields, &params, &errors, &got), ERR_OK);
	assert_int_equal(got.page, 1);
}

static void a_required_field_must_have_a_value(void **state)
{
	const char *const nothing[] = { "{}", "{\"username\":null}", "{\"username\":\" \\t\"}" };

	(void)state;
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
		assert_int_equal(bind_texts("", nothing[i]), ERR_INVALID);
		assert_int_equal(errors.count, 1);
		assert_string_equal(errors.first->name, "username");
		assert_ptr_equal(errors.first->text, &text_required);
	}
}

static void an_older_name_stands_in_by_the_same_rules(void **state)
{
	(void)state;
	assert_int_equal(bind_texts("", "{\"user\":\"carol\"}"), ERR_OK);
	assert_string_equal(got.username, "carol");
	assert_int_equal(bind_texts("", "{\"user\":\"carol\",\"username\":\"dave\"}"), ERR_OK);
	assert_string_equal(got.username, "dave");
	assert_int_equal(bind_texts("", "{\"user\":\"carol\",\"username\":\"\"}"), ERR_OK);
	assert_string_equal(got.username, "carol");
	assert_int_equal(bind_texts("", "{\"user\":\"Ca\"}"), ERR_INVALID);
	assert_int_equal(errors.count, 2);
	assert_string_equal(errors.first->name, "user");
}

static void every_bad_field_is_named_in_order(void **state)
{
	static const struct {
		const char *name;
		const struct text *text;
		int64_t n;
	} want[] = {
		{ "username", &text_min_len, 3 },
		{ "username", &text_lowercase, 0 },
		{ "password", &text_max_len, 20 },
		{ "algorithm", &text_one_of, 0 },
		{ "page", &text_max, 100 },
		{ "flag", &text_bool, 0 },
		{ "maybe", &text_bool, 0 },
		{ "when", &text_date, 0 },
		{ "moment", &text_iso_date, 0 },
		{ "dict", &text_dictionary, 0 },
	};
	const struct field_error *e;

	(void)state;
	assert_int_equal(
		bind_texts("page=101",
			"{\"username\":\"A\",\"password\":\"123456789012345678901\","
			"\"algorithm\":\"md5\",\"flag\":\"yes\",\"maybe\":2,"
			"\"when\":\"2026-02-30 00:00:00\",\"moment\":\"soon\",\"dict\":[1]}"),
		ERR_INVALID);
	assert_int_equal(errors.count, sizeof(want) / sizeof(want[0]));
	e = errors.first;
	for (size_t i = 0; i < errors.count; i++, e = e->next) {
		assert_string_equal(e->name, want[i].name);
		assert_int_equal(e->text, want[i].text);
		assert_int_equal(e->n, want[i].n);
	}
	assert_null(got.username);
	assert_null(got.password);
}

static void lengths_count_characters_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(bind_texts("", "{\"username\":\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
					"\xc3\xa9\xc3\xa9\xc3\xa9\"}"),
		ERR_OK);
	assert_int_equal(bind_texts("", "{\"username\":\"\xc3\xa9\xc3\xa9\"}"), ERR_INVALID);
	assert_ptr_equal(errors.first->text, &text_min_len);
}

static void names_and_passwords_are_composed_before_anything_is_checked(void **state)
{
	const char *eight = "{\"username\":"
			    "\"u\\u0308u\\u0308u\\u0308u\\u0308u\\u0308u\\u0308u\\u0308u\\u0308\","
			    "\"password\":\"pa\\u0308ss\",\"dict\":{\"k\":\"u\\u0308\"}}";

	(void)state;
	assert_good(eight);
	assert_string_equal(got.username, "\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc");
	assert_string_equal(got.password, "p\u00e4ss");
	assert_string_equal(got.dict, "{\"k\":\"u\u0308\"}");
}

static void texts_are_strings_without_control_characters(void **state)
{
	(void)state;
	assert_bad("{\"password\":1.2}", "password", &text_type);
	assert_bad("{\"password\":true}", "password", &text_type);
	assert_bad("{\"password\":{}}", "password", &text_type);
	assert_bad("{\"password\":\"a\\u0000b\"}", "password", &text_format);
	assert_bad("{\"password\":\"a\\nb\"}", "password", &text_format);
	assert_bad("{\"password\":\"a\x7f\"}", "password", &text_format);
	assert_bad("{\"password\":\"a\\u0085\"}", "password", &text_format);
	assert_good("{\"password\":\"a\\u00a0\xf0\x9f\x98\x80\"}");
}

static void booleans_are_what_the_accounts_api_says(void **state)
{
	(void)state;
	assert_good("{\"maybe\":true,\"flag\":\"1\"}");
	assert_true(got.flag);
	assert_int_equal(got.maybe, TRI_TRUE);
	assert_good("{\"maybe\":\"0\",\"flag\":false}");
	assert_int_equal(got.maybe, TRI_FALSE);
	assert_bad("{\"maybe\":\"true\"}", "maybe", &text_bool);
	assert_bad("{\"maybe\":1.0}", "maybe", &text_bool);
	assert_bad("{\"maybe\":[]}", "maybe", &text_bool);
	assert_int_equal(bind_texts("username=alice&maybe=true&flag=1", "{}"), ERR_OK);
	assert_int_equal(got.maybe, TRI_TRUE);
	assert_true(got.flag);
}

static void whole_numbers_are_bounded(void **state)
{
	(void)state;
	assert_int_equal(bind_texts("username=alice&page=100", "{}"), ERR_OK);
	assert_int_equal(got.page, 100);
	assert_int_equal(bind_texts("username=alice&page=-1", "{}"), ERR_INVALID);
	assert_ptr_equal(errors.first->text, &text_min);
	assert_int_equal(errors.first->n, 1);
	assert_int_equal(bind_texts("username=alice&page=1.5", "{}"), ERR_INVALID);
	assert_ptr_equal(errors.first->text, &text_int);
	assert_int_equal(bind_texts("username=alice&page=9223372036854775808", "{}"), ERR_INVALID);
	assert_ptr_equal(errors.first->text, &text_int);
	assert_int_equal(bind_texts("username=alice&page=-", "{}"), ERR_INVALID);
}

static void moments_are_iso_8601(void **state)
{
	(void)state;
	assert_good("{\"moment\":\"20260102T050405+02\"}");
	assert_true(got.moment == 1767323045000000);
	assert_bad("{\"moment\":\"1970-01-01T00:00:00Z\"}", "moment", &text_iso_date);
	assert_good("{\"moment\":\"2026-01-02T03:04:05Z\"}");
	assert_true(got.moment == 1767323045000000);
	assert_good("{\"moment\":\"2026-01-02T03:04:05.000001Z\"}");
	assert_true(got.moment == 1767323045000001);
	assert_good("{\"moment\":\" 2026-01-02 03:04:05 \"}");
	assert_bad("{\"when\":\"2026-01-02T03:04:05Z\"}", "when", &text_date);
	assert_bad("{\"when\":\"2026-01-02 03:04:05.1\"}", "when", &text_date);
	assert_bad("{\"when\":1767323045}", "when", &text_date);
	assert_bad("{\"moment\":\"Z\"}", "moment", &text_iso_date);
	assert_bad("{\"moment\":\"2026-01-02\\u0000\"}", "moment", &text_iso_date);
}

static void members_of_a_group_are_the_structs_own(void **state)
{
	(void)state;
	assert_good("{\"end\":{\"at\":\"2026-01-02T03:04:05Z\",\"state\":\"over\",\"x\":1}}");
	assert_true(got.ended == 1767323045000000);
	assert_string_equal(got.state, "over");
	assert_good("{\"end\":null,\"at\":\"soon\"}");
	assert_int_equal(got.ended, 0);
	assert_bad("{\"end\":{}}", "end.at", &text_required);
	assert_bad("{\"end\":{\"at\":\"2026-01-02\",\"state\":\"too long\"}}", "end.state",
		&text_max_len);
	assert_bad("{\"end\":\"2026-01-02\"}", "end", &text_type);
	assert_bad("{\"end\":[]}", "end", &text_type);
	assert_int_equal(bind_texts("username=alice&end=x", "{}"), ERR_INVALID);
}

static void dictionaries_hold_short_texts_only(void **state)
{
	char text[DICT_VALUE_MAX + 64];

	(void)state;
	assert_good("{\"dict\":{}}");
	assert_string_equal(got.dict, "{}");
	assert_good("{\"dict\":{\"1\":\"a\\n\"}}");
	assert_good("{\"dict\":[]}");
	assert_string_equal(got.dict, "{}");
	assert_bad("{\"dict\":[{}]}", "dict", &text_dictionary);
	assert_bad("{\"dict\":{\"a\":1}}", "dict", &text_dictionary);
	assert_bad("{\"dict\":{\"a\":null}}", "dict", &text_dictionary);
	assert_bad("{\"dict\":{\"\":\"a\"}}", "dict", &text_dictionary);
	assert_bad("{\"dict\":{\"a\":\"b\\u0000c\"}}", "dict", &text_dictionary);
	assert_bad("{\"dict\":\"a\"}", "dict", &text_dictionary);
	snprintf(text, sizeof(text), "{\"dict\":{\"a\":\"%0*d\"}}", DICT_VALUE_MAX, 0);
	assert_good(text);
	snprintf(text, sizeof(text), "{\"dict\":{\"a\":\"%0*d\"}}", DICT_VALUE_MAX + 1, 0);
	assert_bad(text, "dict", &text_dictionary);
	snprintf(text, sizeof(text), "{\"dict\":{\"%0*d\":\"a\"}}", DICT_NAME_MAX, 0);
	assert_good(text);
	snprintf(text, sizeof(text), "{\"dict\":{\"%0*d\":\"a\"}}", DICT_NAME_MAX + 1, 0);
	assert_bad(text, "dict", &text_dictionary);
}

static void json_without_nul_is_kept_as_it_is(void **state)
{
	(void)state;
	assert_good("{\"any\":{\"a\":[1.50,\"x/y\"]}}");
	assert_string_equal(got.any, "{\"a\":[1.50,\"x/y\"]}");
	assert_bad("{\"any\":{\"a\":[\"b\\u0000\"]}}", "any", &text_type);
	assert_int_equal(bind_texts("username=alice&any=1", "{}"), ERR_INVALID);
}

static void a_bad_path_value_is_not_found(void **state)
{
	const char *const ids[] = { "0", "x", "-1", "1.0", "99999999999999999999" };

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		teardown(NULL);
		setup(NULL);
		params_add_path(&params, STR("id"), str_from(ids[i]));
		assert_int_equal(bind_fields(sample_fields, &params, &errors, &got), ERR_NOT_FOUND);
	}
}

static enum err bind_with(const struct field *fields, const char *json)
{
	struct json_object *o;
	struct json_fault fault;

	teardown(NULL);
	setup(NULL);
	assert_int_equal(json_in_object(arena, str_from(json), &o, &fault), ERR_OK);
	assert_int_equal(params_add_json(&params, o), ERR_OK);
	return bind_fields(fields, &params, &errors, &got);
}

static void digits_may_come_as_a_number(void **state)
{
	static const struct field fields[] = {
		FIELD_TEXT(sample, username, .max = 8),
		FIELDS_END,
	};

	(void)state;
	assert_int_equal(bind_with(fields, "{\"username\":202}"), ERR_OK);
	assert_string_equal(got.username, "202");
	assert_int_equal(bind_with(fields, "{\"username\":\"202\"}"), ERR_OK);
	assert_string_equal(got.username, "202");
	assert_int_equal(bind_with(fields, "{\"username\":-5}"), ERR_INVALID);
	assert_int_equal(bind_with(fields, "{\"username\":1.5}"), ERR_INVALID);
	assert_int_equal(bind_with(fields, "{\"username\":123456789}"), ERR_INVALID);
	assert_int_equal(bind_with(fields, "{\"username\":true}"), ERR_INVALID);
	assert_int_equal(bind_with(fields, "{\"username\":0}"), ERR_OK);
	assert_string_equal(got.username, "0");
}

static void the_whole_body_can_be_a_field(void **state)
{
	static const struct field fields[] = {
		FIELD_JSON(sample, any, .in = FIELD_IN_WHOLE, .flags = FIELD_REQUIRED),
		FIELD_TEXT(sample, username, .max = 8),
		FIELDS_END,
	};

	(void)state;
	assert_int_equal(bind_with(fields, "{\"username\":\"alice\",\"n\":[1]}"), ERR_OK);
	assert_string_equal(got.any, "{\"username\":\"alice\",\"n\":[1]}");
	assert_string_equal(got.username, "alice");
	assert_int_equal(bind_with(fields, "{\"n\":\"a\\u0000\"}"), ERR_INVALID);
	teardown(NULL);
	setup(NULL);
	assert_int_equal(bind_fields(fields, &params, &errors, &got), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_input_is_bound),
		cmocka_unit_test(absent_null_and_empty_leave_the_member_alone),
		cmocka_unit_test(a_required_field_must_have_a_value),
		cmocka_unit_test(an_older_name_stands_in_by_the_same_rules),
		cmocka_unit_test(every_bad_field_is_named_in_order),
		cmocka_unit_test(lengths_count_characters_not_bytes),
		cmocka_unit_test(names_and_passwords_are_composed_before_anything_is_checked),
		cmocka_unit_test(texts_are_strings_without_control_characters),
		cmocka_unit_test(booleans_are_what_the_accounts_api_says),
		cmocka_unit_test(whole_numbers_are_bounded),
		cmocka_unit_test(moments_are_iso_8601),
		cmocka_unit_test(members_of_a_group_are_the_structs_own),
		cmocka_unit_test(dictionaries_hold_short_texts_only),
		cmocka_unit_test(json_without_nul_is_kept_as_it_is),
		cmocka_unit_test(a_bad_path_value_is_not_found),
		cmocka_unit_test(digits_may_come_as_a_number),
		cmocka_unit_test(the_whole_body_can_be_a_field),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}

#include "relay/eio/payload.h"

#include <stdio.h>

#include "../../unit.h"

/* What a body holds: "text|" or "b:hex|" for each packet, "!" where it stops being a payload. */
static const char *read_all(enum eio_form form, struct str body)
{
	static char said[1000];
	char copy[1000];
	struct eio_payload p;
	struct eio_part part;
	size_t n = 0;
	enum err e;

	said[0] = '\0';
	memcpy(copy, body.p, body.n);
	eio_payload_init(&p, form, copy, body.n);
	while ((e = eio_payload_next(&p, &part)) == ERR_OK) {
		if (part.binary)
			n += (size_t)snprintf(said + n, sizeof(said) - n, "b:");
		for (size_t i = 0; i < part.data.n; i++)
			n += (size_t)snprintf(said + n, sizeof(said) - n,
				part.binary ? "%02x" : "%c", (unsigned char)part.data.p[i]);
		n += (size_t)snprintf(said + n, sizeof(said) - n, "|");
	}
	if (e != ERR_GONE)
		snprintf(said + n, sizeof(said) - n, "!");
	return said;
}

#define READ(form, literal, expected) assert_string_equal(read_all(form, STR(literal)), expected)

static void packets_are_separated_by_one_byte_in_version_4(void **state)
{
	(void)state;
	READ(EIO_FORM_4, "4a", "4a|");
	READ(EIO_FORM_4,
		"4a\x1e"
		"2\x1e"
		"bAQIDBA==",
		"4a|2|b:01020304|");
	READ(EIO_FORM_4, "b", "b:|");
	READ(EIO_FORM_4, "b4AQ=", "b:e004|");
}

static void other_bodies_are_no_payload_in_version_4(void **state)
{
	(void)state;
	READ(EIO_FORM_4, "", "!");
	READ(EIO_FORM_4, "\x1e", "!");
	READ(EIO_FORM_4, "4a\x1e", "!");
	READ(EIO_FORM_4,
		"4a\x1e\x1e"
		"4b",
		"4a|!");
	READ(EIO_FORM_4, "bAQID*", "!");
	READ(EIO_FORM_4, "4\xff", "!");
}

static void lengths_are_utf16_units_in_version_3(void **state)
{
	(void)state;
	READ(EIO_FORM_3_TEXT, "2:4\xe2\x82\xac", "4\xe2\x82\xac|");
	READ(EIO_FORM_3_TEXT,
		"3:4\xf0\x9f\x98\x80"
		"1:2",
		"4\xf0\x9f\x98\x80|2|");
	READ(EIO_FORM_3_TEXT, "10:b4AQIDBA==2:4a", "b:01020304|4a|");
	READ(EIO_FORM_3_TEXT, "0:", "");
}

static void other_bodies_are_no_payload_in_version_3(void **state)
{
	(void)state;
	READ(EIO_FORM_3_TEXT, "", "!");
	READ(EIO_FORM_3_TEXT, "0:0:", "!");
	READ(EIO_FORM_3_TEXT, "1:20:", "2|!");
	READ(EIO_FORM_3_TEXT, "abc", "!");
	READ(EIO_FORM_3_TEXT, ":4a", "!");
	READ(EIO_FORM_3_TEXT, "3:4a", "!");
	READ(EIO_FORM_3_TEXT, "2:4\xf0\x9f\x98\x80", "!");
	READ(EIO_FORM_3_TEXT, "99999999999:4a", "!");
	READ(EIO_FORM_3_TEXT, "2:b5", "!");
	READ(EIO_FORM_3_TEXT, "1:b", "!");
}

static void the_binary_form_has_lengths_of_bytes(void **state)
{
	(void)state;
	READ(EIO_FORM_3_BINARY,
		"\x00\x04\xff"
		"4\xe2\x82\xac\x01\x05\xff\x04\x01\x02\x03\x04",
		"4\xe2\x82\xac|b:01020304|");
	READ(EIO_FORM_3_BINARY,
		"\x00\x01\x00\xff"
		"4aaaaaaaaa",
		"4aaaaaaaaa|");
	READ(EIO_FORM_3_BINARY,
		"\x02\x01\xff"
		"4",
		"!");
	READ(EIO_FORM_3_BINARY,
		"\x01\x01\xff"
		"4",
		"!");
	READ(EIO_FORM_3_BINARY,
		"\x00\x05\xff"
		"4",
		"!");
	READ(EIO_FORM_3_BINARY, "\x00", "!");
	READ(EIO_FORM_3_BINARY, "\x00\xff", "!");
}

static void what_is_written_is_what_is_read(void **state)
{
	static const struct eio_part parts[] = {
		{ false, STR("4\xf0\x9f\x98\x80\xe2\x82\xac") },
		{ true, STR("\x01\x02\x03\x04") },
		{ false, STR("2") },
	};
	static const struct {
		enum eio_form form;
		struct str body;
	} rows[] = {
		{ EIO_FORM_4, STR("4\xf0\x9f\x98\x80\xe2\x82\xac\x1e"
				  "bAQIDBA==\x1e"
				  "2") },
		{ EIO_FORM_3_TEXT, STR("4:4\xf0\x9f\x98\x80\xe2\x82\xac"
				       "10:b4AQIDBA==1:2") },
		{ EIO_FORM_3_BINARY,
			STR("\x00\x08\xff"
			    "4\xf0\x9f\x98\x80\xe2\x82\xac\x01\x05\xff\x04\x01\x02\x03\x04"
			    "\x00\x01\xff"
			    "2") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out;

		buf_init(&out, 1000);
		for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
			eio_payload_put(&out, rows[i].form, &parts[k]);
		assert_int_equal(out.n, rows[i].body.n);
		assert_memory_equal(out.p, rows[i].body.p, out.n);
		assert_string_equal(read_all(rows[i].form, buf_str(&out)),
			"4\xf0\x9f\x98\x80\xe2\x82\xac|b:01020304|2|");
		buf_finish(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_are_separated_by_one_byte_in_version_4),
		cmocka_unit_test(other_bodies_are_no_payload_in_version_4),
		cmocka_unit_test(lengths_are_utf16_units_in_version_3),
		cmocka_unit_test(other_bodies_are_no_payload_in_version_3),
		cmocka_unit_test(the_binary_form_has_lengths_of_bytes),
		cmocka_unit_test(what_is_written_is_what_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

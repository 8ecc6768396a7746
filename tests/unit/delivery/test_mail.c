/* What mails say and how they are written down: no server, no database. */
#define _GNU_SOURCE
#include "../../../src/delivery/mail_priv.h"

#include "../unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES 78

static struct arena *arena;
static char dir[64];

static int setup(void **state)
{
	(void)state;
	arena = arena_new(4096);
	snprintf(dir, sizeof(dir), "/tmp/dialtone-mails-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	arena_free(&arena);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static const struct mail_message plain = { .from_name = "Office",
	.from_address = "office@example.org",
	.to = "alice@example.org",
	.subject = "Hello",
	.mark = "0123",
	.domain = "example.org",
	.language = "en",
	.date_us = INT64_C(1767225600000000),
	.text = "A text.\n" };

static char *written(const struct mail_message *m)
{
	struct buf out;

	buf_init(&out, MAIL_MAX);
	mail_message_write(&out, m);
	assert_false(out.overflow);
	char *text = arena_strndup(arena, out.p, out.n);

	buf_finish(&out);
	return text;
}

static void assert_lines(const char *text)
{
	for (const char *line = text, *end; *line; line = end + 2) {
		end = strstr(line, "\r\n");
		assert_non_null(end);
		assert_true(end - line <= LINE_MAX_BYTES);
		for (const char *p = line; p < end; p++)
			assert_true(*p >= ' ' && *p <= '~');
	}
}

static void a_mail_has_the_headers_of_one_that_no_robot_answers(void **state)
{
	const char *text = written(&plain);

	(void)state;
	assert_lines(text);
	assert_non_null(strstr(text, "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n"));
	assert_non_null(strstr(text, "From: \"Office\"\r\n <office@example.org>\r\n"));
	assert_non_null(strstr(text, "\r\nTo: <alice@example.org>\r\nSubject: Hello\r\n"));
	assert_non_null(strstr(text, "\r\nMessage-ID: <0123@example.org>\r\n"));
	assert_non_null(strstr(text, "\r\nAuto-Submitted: auto-generated\r\n"));
}

static void nothing_ends_a_header_before_its_time(void **state)
{
	static const char *const evil[] = { "a\r\nBcc: eve@example.org", "a\nX: y", "a\rX: y",
		"a\" <eve@example.org>, \"b", "\xe2\x80\xa8X", "a\tb\x01\x7f",
		"=?UTF-8?Q?x?=", "a\\", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		struct mail_message m = plain;
		const char *text;

		m.from_name = evil[i];
		m.subject = strstr(evil[i], "eve@example.org>") ? "s" : evil[i];
		text = written(&m);
		assert_lines(text);
		assert_null(strstr(text, "\r\nBcc"));
		assert_null(strstr(text, "\r\nX"));
		assert_null(strstr(text, "=?UTF-8?Q"));
		/* Of the name in quotes, none but those that we wrote end it. */
		if (strstr(evil[i], "eve"))
			assert_null(strstr(text, "a\" <"));
	}
}

static void long_and_foreign_headers_are_folded_between_characters(void **state)
{
	struct mail_message m = plain;
	char name[600] = "";
	const char *text;

	(void)state;
	for (int i = 0; i < 100; i++)
		strcat(name, i % 3 ? "\xc3\xa9" : "\xf0\x9f\x93\x9e");
	m.from_name = m.subject = name;
	text = written(&m);
	assert_lines(text);
	assert_non_null(strstr(text, "Subject: =?UTF-8?B?8J+TnsOpw6nwn5Oew6nD"));
}

static void long_lines_points_and_odd_bytes_of_the_text_arrive_as_they_are(void **state)
{
	struct mail_message m = plain;
	char text[3000];
	const char *out;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text, ".\nFrom me\n.\r\na \n=3D\xc3\xa9\t\n", 23);
	m.text = text;
	m.html = text;
	out = written(&m);
	assert_lines(out);
	assert_non_null(
		strstr(out, "\r\n=2E\r\n=46rom me\r\n=2E\r\na=20\r\n=3D3D=C3=A9=09\r\nxxx"));
	assert_non_null(strstr(out, "boundary=\"=_0123\"\r\n"));
	assert_non_null(strstr(out, "\r\n--=_0123--\r\n"));
}

static const struct mail_facts facts = {
	{ { "space", "Caf\xc3\xa9 & <b>" }, { "code", "4711" }, { "validity", "10 minutes" },
		{ "link", "https://a.example/?a=1&b=\"2\"" },
		{ "qrcode_url", "https://a.example/qr" }, { "key", "k" } },
	6
};

static void every_kind_of_mail_has_words_in_every_language_and_no_gap_is_left(void **state)
{
	(void)state;
	for (size_t i = 0; i < mail_kinds_count; i++)
		for (enum language l = 0; l < LANGUAGE_COUNT; l++) {
			const char *kind = arena_printf(arena, "mail.%s", mail_kinds[i].name);
			struct mail_text text;

			assert_true(
				mail_text_make(NULL, kind, l, &facts, "Sign & Co", arena, &text));
			assert_null(strchr(text.subject, '{'));
			assert_null(strchr(text.text, '{'));
			assert_null(strchr(text.html, '{'));
			assert_non_null(strstr(text.text, "\n-- \nSign & Co\n"));
			assert_non_null(strstr(text.html, "Sign &amp; Co"));
			assert_null(strstr(text.html, "<b>"));
		}
}

static void a_link_is_escaped_in_html_alone(void **state)
{
	struct mail_text text;

	(void)state;
	assert_true(mail_text_make(
		NULL, "mail.reset_password", LANGUAGE_EN, &facts, NULL, arena, &text));
	assert_non_null(strstr(text.text, "\n\nhttps://a.example/?a=1&b=\"2\"\n\n"));
	assert_non_null(
		strstr(text.html, "<a href=\"https://a.example/?a=1&amp;b=&quot;2&quot;\">"));
}

static void a_mail_without_its_facts_or_of_no_kind_is_not_made(void **state)
{
	const struct mail_facts none = { .n = 0 };
	struct mail_text text;

	(void)state;
	assert_false(mail_text_make(
		NULL, "mail.reset_password", LANGUAGE_EN, &none, NULL, arena, &text));
	assert_false(mail_text_make(NULL, "mail.unknown", LANGUAGE_EN, &facts, NULL, arena, &text));
	assert_false(mail_text_make(NULL, "sms.test", LANGUAGE_EN, &facts, NULL, arena, &text));
}

static void the_time_a_code_is_good_for_is_told_as_people_say_it(void **state)
{
	(void)state;
	assert_string_equal(mail_validity(arena, LANGUAGE_EN, 10), "10 minutes");
	assert_string_equal(mail_validity(arena, LANGUAGE_FR, 1440), "24 heures");
	assert_string_equal(mail_validity(arena, LANGUAGE_IT, 10080), "7 giorni");
	assert_string_equal(mail_validity(arena, LANGUAGE_EN, 90), "90 minutes");
}

static void file(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void collect(void *arg, const char *mistake)
{
	struct buf *out = arg;

	buf_printf(out, "%s\n", mistake);
}

static void an_operators_words_take_the_place_of_ours(void **state)
{
	struct mail_templates *t = NULL;
	struct mail_text text;
	struct buf said;

	(void)state;
	buf_init(&said, 4096);
	file("email_change_code.fr.txt",
		"\xEF\xBB\xBFSubject: Code {code}\r\n\r\n{space}: {code}\n");
	file("email_change_code.fr.html", "<style>p { color: red }</style>{space}: {code}");
	file("test.en.txt", "Subject: T\n\nOnly text.\n");
	assert_int_equal(mail_templates_load(dir, collect, &said, &t), ERR_OK);
	assert_true(mail_text_make(
		t, "mail.email_change_code", LANGUAGE_FR, &facts, "S", arena, &text));
	assert_string_equal(text.subject, "Code 4711");
	assert_string_equal(text.text, "Caf\xc3\xa9 & <b>: 4711\n\n-- \nS\n");
	assert_string_equal(
		text.html, "<style>p { color: red }</style>Caf\xc3\xa9 &amp; &lt;b&gt;: 4711");
	assert_true(mail_text_make(t, "mail.test", LANGUAGE_EN, &facts, NULL, arena, &text));
	assert_null(text.html);
	assert_true(mail_text_make(t, "mail.test", LANGUAGE_FR, &facts, NULL, arena, &text));
	assert_non_null(text.html);
	mail_templates_free(&t);
	buf_finish(&said);
}

static void every_mistake_in_an_operators_words_is_told(void **state)
{
	struct mail_templates *t = NULL;
	struct buf said;

	(void)state;
	buf_init(&said, 4096);
	file("reset_password.en.txt", "No subject\n\ntext");
	file("reset_password.fr.txt", "Subject: a\n\n{password}");
	file("reset_password.it.html", "<p>");
	file("reset_pasword.en.txt", "Subject: a\n\nb");
	file("test.en.txt", "Subject: \xff\n\nb");
	assert_int_equal(mail_templates_load(dir, collect, &said, &t), ERR_INVALID);
	assert_non_null(strstr(said.p, "reset_password.en.txt: its first line is not"));
	assert_non_null(strstr(said.p, "reset_password.fr.txt: there is no {password}"));
	assert_non_null(strstr(said.p, "reset_password.it.html: there is no .txt beside it"));
	assert_non_null(strstr(said.p, "reset_pasword.en.txt: no mail has this name"));
	assert_non_null(strstr(said.p, "test.en.txt: it is no UTF-8 text"));
	assert_null(t);
	assert_int_equal(mail_templates_load("/nowhere", collect, &said, &t), ERR_UNAVAILABLE);
	buf_finish(&said);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_mail_has_the_headers_of_one_that_no_robot_answers),
		TEST(nothing_ends_a_header_before_its_time),
		TEST(long_and_foreign_headers_are_folded_between_characters),
		TEST(long_lines_points_and_odd_bytes_of_the_text_arrive_as_they_are),
		TEST(every_kind_of_mail_has_words_in_every_language_and_no_gap_is_left),
		TEST(a_link_is_escaped_in_html_alone),
		TEST(a_mail_without_its_facts_or_of_no_kind_is_not_made),
		TEST(the_time_a_code_is_good_for_is_told_as_people_say_it),
		TEST(an_operators_words_take_the_place_of_ours),
		TEST(every_mistake_in_an_operators_words_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

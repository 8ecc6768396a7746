#include "mail_priv.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/encode.h"

#define WORD_BYTES \
	42           /* of UTF-8 in an encoded word, which is 75 characters at most (RFC 2047, 2) */
#define PLAIN_MAX 60 /* of a header's text that stands as it is on its line */
#define QP_LINE   75 /* and the "=" of a soft break (RFC 2045, 6.7) */
#define BOUNDARY  "=_" /* quoted-printable never has that */

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return s.n <= PLAIN_MAX;
}

/* At most max bytes that are whole characters. */
static size_t characters(struct str s, size_t max)
{
	size_t n = s.n < max ? s.n : max;

	while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return n ? n : max;
}

/* Encoded words, a line each (RFC 2047). */
static void put_words(struct buf *out, struct str s)
{
	char clean[WORD_BYTES], coded[BASE64_SIZE(WORD_BYTES)];
	const char *gap = "";

	while (s.n) {
		size_t n = characters(s, WORD_BYTES);

		for (size_t i = 0; i < n; i++)
			clean[i] = (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f ? ' ' : s.p[i];
		base64_encode(coded, clean, n);
		buf_printf(out, "%s=?UTF-8?B?%s?=", gap, coded);
		gap = "\r\n ";
		s.p += n;
		s.n -= n;
	}
}

/* "=?" would be read as the beginning of an encoded word. */
static void put_text(struct buf *out, const char *text)
{
	struct str s = str_from(text);

	if (is_plain(s) && !strstr(text, "=?"))
		buf_add(out, s.p, s.n);
	else
		put_words(out, s);
}

static void put_name(struct buf *out, const char *name)
{
	struct str s = str_from(name);

	if (!is_plain(s) || strstr(name, "=?")) {
		put_words(out, s);
		return;
	}
	buf_add_char(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, s.p[i]);
	}
	buf_add_char(out, '"');
}

/* RFC 5322, 3.3; the names are not those of the locale. */
static void put_date(struct buf *out, int64_t us)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t at = us / CLOCK_SECOND_US;
	struct tm t;

	gmtime_r(&at, &t);
	buf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[t.tm_wday], t.tm_mday,
		months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static void put_headers(struct buf *out, const struct mail_message *m)
{
	put_date(out, m->date_us);
	buf_add_str(out, "From: ");
	if (m->from_name && *m->from_name)
		put_name(out, m->from_name);
	buf_printf(out,
		"%s<%s>\r\nTo: <%s>\r\nSubject: ", m->from_name && *m->from_name ? "\r\n " : "",
		m->from_address, m->to);
	put_text(out, m->subject);
	buf_printf(out,
		"\r\nMessage-ID: <%s@%s>\r\n"
		/* No answer of an out-of-office robot (RFC 3834). */
		"Auto-Submitted: auto-generated\r\n"
		"Content-Language: %s\r\nMIME-Version: 1.0\r\n",
		m->mark, m->domain, m->language);
}

/* A space before the end of a line, and what a server might take for its own: ".", "From ". */
static bool needs_code(struct str line, size_t i)
{
	unsigned char c = (unsigned char)line.p[i];

	if (c == ' ' || c == '\t')
		return i + 1 == line.n;
	return c < ' ' || c > '~' || c == '=' || (i == 0 && (c == '.' || c == 'F'));
}

static void put_line(struct buf *out, struct str line)
{
	size_t column = 0;

	for (size_t i = 0; i < line.n; i++) {
		bool code = needs_code(line, i);

		if (column + (code ? 3 : 1) > QP_LINE) {
			buf_add_str(out, "=\r\n");
			column = 0;
			/* It is the beginning of a line now. */
			code |= line.p[i] == '.' || line.p[i] == 'F';
		}
		if (code)
			buf_printf(out, "=%02X", (unsigned char)line.p[i]);
		else
			buf_add_char(out, line.p[i]);
		column += code ? 3 : 1;
	}
	buf_add_str(out, "\r\n");
}

static void put_part(struct buf *out, const char *type, const char *text)
{
	struct str rest = str_from(text);

	buf_printf(out,
		"Content-Type: text/%s; charset=utf-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
		type);
	while (rest.n) {
		struct str line = str_split(&rest, '\n');

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		put_line(out, line);
	}
}

void mail_message_write(struct buf *out, const struct mail_message *m)
{
	put_headers(out, m);
	if (!m->html) {
		put_part(out, "plain", m->text);
		return;
	}
	buf_printf(out,
		"Content-Type: multipart/alternative;\r\n boundary=\"" BOUNDARY "%s\"\r\n\r\n",
		m->mark);
	buf_printf(out, "--" BOUNDARY "%s\r\n", m->mark);
	put_part(out, "plain", m->text);
	buf_printf(out, "\r\n--" BOUNDARY "%s\r\n", m->mark);
	put_part(out, "html", m->html);
	buf_printf(out, "\r\n--" BOUNDARY "%s--\r\n", m->mark);
}

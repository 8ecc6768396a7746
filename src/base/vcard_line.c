#include "base/vcard_line.h"

#define FOLD_BYTES 75 /* RFC 6350, 3.2 */

/* As much of it as a line holds, and no part of a character. */
static size_t fold_at(struct str s, size_t room)
{
	if (s.n <= room)
		return s.n;
	while (room > 1 && ((unsigned char)s.p[room] & 0xc0) == 0x80)
		room--;
	return room;
}

void vcard_line_add(struct buf *out, struct str line)
{
	size_t n = fold_at(line, FOLD_BYTES);

	buf_add(out, line.p, n);
	while (n < line.n) {
		line = (struct str){ line.p + n, line.n - n };
		buf_add_str(out, "\n ");
		n = fold_at(line, FOLD_BYTES - 1);
		buf_add(out, line.p, n);
	}
	buf_add_char(out, '\n');
}

/* CR LF is one line end, and so is each of the two alone. */
static void add_escaped(struct buf *out, struct str s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];

	if (c == '\r' && i + 1 < s.n && s.p[i + 1] == '\n')
		return;
	if (c == '\r' || c == '\n')
		buf_add_str(out, "\\n");
	else if (c == '\\' || c == ',' || c == ';')
		buf_add(out, (char[]){ '\\', (char)c }, 2);
	else
		buf_add_char(out, c < ' ' || c == 0x7f ? ' ' : (char)c);
}

void vcard_text_add(struct buf *out, const char *name, struct str text)
{
	struct buf line;

	buf_init(&line, strlen(name) + 1 + 2 * text.n);
	buf_add_str(&line, name);
	buf_add_char(&line, ':');
	for (size_t i = 0; i < text.n; i++)
		add_escaped(&line, text, i);
	vcard_line_add(out, buf_str(&line));
	buf_finish(&line);
}

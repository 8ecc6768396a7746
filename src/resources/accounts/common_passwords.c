#include "resources/accounts/common_passwords.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text_input.h"
#include "service/service.h"

#define LONGEST  1024       /* of a password, in bytes */
#define LIST_MAX (64 << 20) /* bytes */

struct common_passwords {
	const char *const *sorted;
	size_t n;
	char **own; /* of a file; NULL: the packaged list */
};

/* Letters of two bytes whose lower case has two bytes as well. */
static unsigned lower_letter(unsigned c)
{
	if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) ||
		(c >= 0x410 && c <= 0x42f))
		return c + 0x20;
	if (c >= 0x400 && c <= 0x40f)
		return c + 0x50;
	return c >= 0x100 && c <= 0x137 && c != 0x130 && c % 2 == 0 ? c + 1 : c;
}

static void fold(char *text)
{
	for (uint8_t *p = (uint8_t *)text; *p; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p |= 0x20;
		if ((*p & 0xe0) != 0xc0 || !p[1])
			continue;
		unsigned c = lower_letter((*p & 0x1fu) << 6 | (p[1] & 0x3fu));

		*p = (uint8_t)(0xc0 | c >> 6);
		*++p = (uint8_t)(0x80 | (c & 0x3f));
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void take_line(struct common_passwords *p, struct str line)
{
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	if (!line.n)
		return;
	p->own = mem_realloc(p->own, (p->n + 1) * sizeof(*p->own));
	p->own[p->n] = mem_strndup(line.p, line.n);
	fold(p->own[p->n++]);
}

static bool read_file(struct common_passwords *p, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf text;
	struct str rest;
	bool ok;

	if (fd < 0)
		return false;
	buf_init(&text, LIST_MAX);
	ok = text_input_read(fd, &text);
	close(fd);
	rest = buf_str(&text);
	while (ok && rest.n)
		take_line(p, str_split(&rest, '\n'));
	buf_finish(&text);
	if (p->n)
		qsort(p->own, p->n, sizeof(*p->own), by_text);
	p->sorted = (const char *const *)p->own;
	return ok;
}

struct common_passwords *common_passwords_new(const char *list)
{
	struct common_passwords *p = mem_alloc(sizeof(*p));
	bool packaged = strcmp(list, PASSWORD_LIST_PACKAGED) == 0;

	if (!*list)
		return p;
	if (!packaged && read_file(p, list))
		return p;
	if (!packaged)
		log_error("password_block_list cannot be read, the packaged list holds: %s", list);
	p->sorted = common_passwords_packaged;
	p->n = common_passwords_packaged_count;
	return p;
}

void common_passwords_free(struct common_passwords **p)
{
	if (!*p)
		return;
	for (size_t i = 0; (*p)->own && i < (*p)->n; i++)
		free((*p)->own[i]);
	free((*p)->own);
	free(*p);
	*p = NULL;
}

bool common_passwords_has(const struct common_passwords *p, const char *password)
{
	char text[LONGEST + 1];
	const char *wanted = text;
	size_t n = strlen(password);

	if (n > LONGEST || p->n == 0)
		return false;
	memcpy(text, password, n + 1);
	fold(text);
	bool found = bsearch(&wanted, p->sorted, p->n, sizeof(*p->sorted), by_text) != NULL;

	mem_wipe(text, sizeof(text));
	return found;
}

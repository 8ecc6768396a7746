#include "xml/lpconfig.h"

#include <libxml/xmlwriter.h>

#include "base/ini.h"
#include "base/map.h"
#include "base/utf8.h"

#define NAMESPACE   "http://www.linphone.org/xsds/lpconfig.xsd"
#define REPLACEMENT "\xef\xbf\xbd"

struct entry {
	struct entry *next;
	const char *key, *value;
	bool replaces; /* what the phone has */
};

struct section {
	struct section *next;
	const char *name;
	struct map *known; /* its entries by key */
	struct entry *first, **end;
};

struct lpconfig {
	struct arena *arena;
	struct map *known; /* its sections by name */
	struct section *first, **end;
};

static void free_map(void *map)
{
	struct map *m = map;

	map_free(&m);
}

static struct map *map_in(struct arena *a)
{
	struct map *m = map_new();

	arena_defer(a, free_map, m);
	return m;
}

struct lpconfig *lpconfig_new(struct arena *a)
{
	struct lpconfig *c = arena_alloc(a, sizeof(*c));

	c->arena = a;
	c->known = map_in(a);
	c->end = &c->first;
	return c;
}

/* Bytes of the character that begins here; 0 when it is none. */
static size_t character(struct str s)
{
	for (size_t n = 1; n <= 4 && n <= s.n; n++)
		if (utf8_is_valid(s.p, n))
			return n;
	return 0;
}

/* Control characters (C0, DEL and C1), line separators, and U+FFFE and U+FFFF, which XML does not have. */
static bool is_left_out(const char *p, size_t n)
{
	const uint8_t *c = (const uint8_t *)p;

	if (n == 1)
		return c[0] < 0x20 || c[0] == 0x7f;
	if (n == 2)
		return c[0] == 0xc2 && c[1] < 0xa0;
	if (n != 3)
		return false;
	return (c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9)) ||
	       (c[0] == 0xef && c[1] == 0xbf && c[2] >= 0xbe);
}

static const char *one_line(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.n * (sizeof(REPLACEMENT) - 1) + 1), *at = out;

	while (s.n) {
		size_t n = character(s), step = n ? n : 1;

		if (!n)
			at = stpcpy(at, REPLACEMENT);
		else if (!is_left_out(s.p, n))
			at = (char *)memcpy(at, s.p, n) + n;
		s.p += step;
		s.n -= step;
	}
	return out;
}

static struct section *section_of(struct lpconfig *c, struct str name)
{
	const char *text = one_line(c->arena, name);
	struct section *s = map_get(c->known, str_from(text));

	if (s)
		return s;
	s = arena_alloc(c->arena, sizeof(*s));
	s->name = text;
	s->known = map_in(c->arena);
	s->end = &s->first;
	*c->end = s;
	c->end = &s->next;
	map_put(c->known, str_from(text), s);
	return s;
}

static struct entry *put(struct lpconfig *c, struct section *s, struct str key, struct str value)
{
	const char *name = one_line(c->arena, key);
	struct entry *e = map_get(s->known, str_from(name));

	if (!e) {
		e = arena_alloc(c->arena, sizeof(*e));
		e->key = name;
		*s->end = e;
		s->end = &e->next;
		map_put(s->known, str_from(name), e);
	}
	e->value = one_line(c->arena, value);
	return e;
}

void lpconfig_add_ini(struct lpconfig *c, struct str text)
{
	struct ini ini = { .rest = text };
	struct section *s = NULL;
	struct ini_line line;

	while (ini_next(&ini, &line)) {
		if (line.kind == INI_SECTION)
			s = *one_line(c->arena, line.section) ? section_of(c, line.section) : NULL;
		else if (line.kind == INI_ENTRY && s)
			put(c, s, line.key, line.value);
	}
}

void lpconfig_set(struct lpconfig *c, const char *section, const char *key, const char *value)
{
	put(c, section_of(c, str_from(section)), str_from(key), str_from(value));
}

void lpconfig_replace(struct lpconfig *c, const char *section, const char *key, const char *value)
{
	put(c, section_of(c, str_from(section)), str_from(key), str_from(value))->replaces = true;
}

void lpconfig_set_int(struct lpconfig *c, const char *section, const char *key, int64_t value)
{
	lpconfig_set(c, section, key, arena_printf(c->arena, "%lld", (long long)value));
}

bool lpconfig_has_section(const struct lpconfig *c, const char *section)
{
	return map_get(c->known, str_from(section)) != NULL;
}

bool lpconfig_has(const struct lpconfig *c, const char *section, const char *key)
{
	const struct section *s = map_get(c->known, str_from(section));

	return s && map_get(s->known, str_from(key));
}

/* libxml2 counts its texts in unsigned characters. */
static const xmlChar *xml(const char *text)
{
	return (const xmlChar *)text;
}

static bool write_entry(xmlTextWriterPtr w, const struct entry *e, bool replace_all)
{
	return xmlTextWriterStartElement(w, xml("entry")) >= 0 &&
	       xmlTextWriterWriteAttribute(w, xml("name"), xml(e->key)) >= 0 &&
	       (!(e->replaces || replace_all) ||
		       xmlTextWriterWriteAttribute(w, xml("overwrite"), xml("true")) >= 0) &&
	       xmlTextWriterWriteString(w, xml(e->value)) >= 0 && xmlTextWriterEndElement(w) >= 0;
}

static bool write_section(xmlTextWriterPtr w, const struct section *s, bool replace_all)
{
	bool ok = xmlTextWriterStartElement(w, xml("section")) >= 0 &&
		  xmlTextWriterWriteAttribute(w, xml("name"), xml(s->name)) >= 0;

	for (const struct entry *e = s->first; e && ok; e = e->next)
		ok = write_entry(w, e, replace_all);
	return ok && xmlTextWriterEndElement(w) >= 0;
}

static bool write_document(xmlTextWriterPtr w, const struct lpconfig *c, bool replace_all)
{
	bool ok = xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL) >= 0 &&
		  xmlTextWriterStartElementNS(w, NULL, xml("config"), xml(NAMESPACE)) >= 0;

	for (const struct section *s = c->first; s && ok; s = s->next)
		ok = write_section(w, s, replace_all);
	return ok && xmlTextWriterEndDocument(w) >= 0;
}

/* What the writer hands over.  It is not told of an overflow, of which it would print a line by itself. */
static int append(void *out, const char *p, int n)
{
	buf_add(out, p, (size_t)n);
	return n;
}

enum err lpconfig_xml(const struct lpconfig *c, bool replace_all, struct buf *out)
{
	xmlOutputBufferPtr to = xmlOutputBufferCreateIO(append, NULL, out, NULL);
	xmlTextWriterPtr w = to ? xmlNewTextWriter(to) : NULL;

	if (!w) {
		if (to)
			xmlOutputBufferClose(to);
		return ERR_LIMIT;
	}
	bool ok = write_document(w, c, replace_all) && xmlTextWriterFlush(w) >= 0;

	xmlFreeTextWriter(w);
	return ok && !out->overflow ? ERR_OK : ERR_LIMIT;
}

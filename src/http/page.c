#include "http/page.h"

#include "base/buf.h"

#define PAGE_MAX ((size_t)16 << 10)

static void add_escaped(struct buf *out, const char *text)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" },
		{ '\'', "&#39;" } };

	for (; *text; text++) {
		const char *entity = NULL;

		for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
			if (entities[i].c == *text)
				entity = entities[i].entity;
		if (entity)
			buf_add_str(out, entity);
		else
			buf_add_char(out, *text);
	}
}

static void add(struct buf *out, const char *before, const char *text, const char *after)
{
	buf_add_str(out, before);
	add_escaped(out, text);
	buf_add_str(out, after);
}

static void add_form(struct buf *out, const struct page_form *f)
{
	add(out, "<form method=\"post\" action=\"", f->action, "\">\n");
	add(out, "<input type=\"hidden\" name=\"", f->name, "\"");
	add(out, " value=\"", f->value, "\">\n");
	add(out, "<button>", f->button, "</button>\n</form>\n");
}

const char *page_html(struct arena *a, enum language lang, const struct page_text *text,
	const struct page_form *form)
{
	struct buf out;

	buf_init(&out, PAGE_MAX);
	add(&out, "<!DOCTYPE html>\n<html lang=\"", language_tags[lang], "\">\n<head>\n");
	buf_add_str(&out, "<meta charset=\"utf-8\">\n"
			  "<meta name=\"viewport\" content=\"width=device-width\">\n"
			  "<meta name=\"color-scheme\" content=\"light dark\">\n"
			  "<meta name=\"robots\" content=\"noindex\">\n");
	add(&out, "<title>", text->title, "</title>\n</head>\n<body>\n<main>\n");
	add(&out, "<h1>", text->title, "</h1>\n");
	if (text->sentence)
		add(&out, "<p>", text->sentence, "</p>\n");
	if (form)
		add_form(&out, form);
	buf_add_str(&out, "</main>\n</body>\n</html>\n");
	const char *html = arena_strndup(a, out.p, out.n);

	buf_wipe(&out);
	buf_finish(&out);
	return html;
}

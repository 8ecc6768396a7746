#include "http/page.h"

#include "base/buf.h"
#include "http/ctx.h"
#include "text/translation.h"

#define PAGE_MAX  ((size_t)128 << 10)
#define SVG_BEGIN "<svg "

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

static void add_link(struct buf *out, const struct page_link *l)
{
	struct str svg = str_from(l->svg);

	/* It has no size of its own, and would be as wide as the window. */
	if (str_cut_prefix(&svg, SVG_BEGIN)) {
		buf_add_str(out, "<p>" SVG_BEGIN "width=\"300\" height=\"300\" role=\"img\" ");
		buf_add(out, svg.p, svg.n);
		buf_add_str(out, "</p>\n");
	}
	add(out, "<p><a href=\"", l->url, "\"");
	add(out, ">", l->label, "</a></p>\n");
}

static void add_input(struct buf *out, const struct page_input *i)
{
	add(out, "<p><label>", i->label, "<br>\n");
	add(out, "<input type=\"", i->type, "\"");
	add(out, " name=\"", i->name, "\"");
	add(out, " autocomplete=\"", i->autofill, "\" required></label></p>\n");
}

static void add_form(struct buf *out, const struct page_form *f)
{
	buf_add_str(out, "<form method=\"post\"");
	if (f->action)
		add(out, " action=\"", f->action, "\"");
	buf_add_str(out, ">\n");
	if (f->name) {
		add(out, "<input type=\"hidden\" name=\"", f->name, "\"");
		add(out, " value=\"", f->value, "\">\n");
	}
	for (const struct page_input *i = f->inputs; i && i->name; i++)
		add_input(out, i);
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
	if (text->link)
		add_link(&out, text->link);
	if (form)
		add_form(&out, form);
	buf_add_str(&out, "</main>\n</body>\n</html>\n");
	const char *html = arena_strndup(a, out.p, out.n);

	buf_wipe(&out);
	buf_finish(&out);
	return html;
}

const char *page_words(const struct ctx *c, const struct text *t)
{
	return translation_of(c->request->language, t->key, t->text);
}

enum err page_show(struct ctx *c, const struct text *title, const struct text *sentence,
	const struct page_form *form)
{
	const struct page_text text = { page_words(c, title), page_words(c, sentence), NULL };

	*(const char **)c->out = page_html(c->arena, c->request->language, &text, form);
	return ERR_OK;
}

#include "mail_priv.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "text/translation.h"

#define PART_MAX     65536 /* bytes of a part */
#define DAY_MINUTES  1440
#define HOUR_MINUTES 60
#define KIND_PREFIX  "mail."

static const struct text text_days = { "mail_days", "{n} days" };
static const struct text text_hours = { "mail_hours", "{n} hours" };
static const struct text text_minutes = { "mail_minutes", "{n} minutes" };

const char *mail_fact(const struct mail_facts *f, struct str name)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_is(name, f->values[i].name))
			return f->values[i].value;
	return NULL;
}

static void put_escaped(struct buf *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			buf_add_str(out, "&amp;");
			break;
		case '<':
			buf_add_str(out, "&lt;");
			break;
		case '>':
			buf_add_str(out, "&gt;");
			break;
		case '"':
			buf_add_str(out, "&quot;");
			break;
		case '\'':
			buf_add_str(out, "&#39;");
			break;
		case '\n':
			buf_add_str(out, "<br>\n");
			break;
		default:
			buf_add_char(out, *text);
		}
}

static void put_value(struct buf *out, const char *value, bool html)
{
	if (html)
		put_escaped(out, value);
	else
		buf_add_str(out, value);
}

void mail_fill(struct buf *out, struct str text, const struct mail_facts *facts, bool html)
{
	struct str plain, name;

	while (mail_gap_next(&text, &plain, &name)) {
		const char *value = mail_fact(facts, name);

		buf_add(out, plain.p, plain.n);
		if (value)
			put_value(out, value, html);
		else
			buf_printf(out, "{%.*s}", (int)name.n, name.p);
	}
	buf_add(out, plain.p, plain.n);
}

static void put_sentence(struct buf *out, enum language language, const struct text *t,
	const struct mail_facts *facts, bool html)
{
	mail_fill(out, str_from(translation_of(language, t->key, t->text)), facts, html);
}

static const char *kept(struct arena *arena, struct buf *out)
{
	const char *text =
		out->overflow ? NULL : arena_strndup(arena, out->p ? out->p : "", out->n);

	buf_finish(out);
	return text;
}

static void put_text_paragraph(struct buf *out, const struct paragraph *p, enum language language,
	const struct mail_facts *facts)
{
	if (p->form == PARAGRAPH_TEXT)
		put_sentence(out, language, p->text, facts, false);
	else
		buf_add_str(out, mail_fact(facts, str_from(p->fact)));
	buf_add_str(out, "\n\n");
}

static void put_html_paragraph(struct buf *out, const struct paragraph *p, enum language language,
	const struct mail_facts *facts)
{
	static const char *const before[] = { [PARAGRAPH_TEXT] = "",
		[PARAGRAPH_LINK] = "<a href=\"",
		[PARAGRAPH_CODE] = "<strong style=\"font-size: 150%; letter-spacing: .1em\">",
		[PARAGRAPH_IMAGE] = "<img alt=\"QR\" src=\"" };
	static const char *const behind[] = { [PARAGRAPH_TEXT] = "",
		[PARAGRAPH_LINK] = "</a>",
		[PARAGRAPH_CODE] = "</strong>",
		[PARAGRAPH_IMAGE] = "\">" };
	const char *fact = p->fact ? mail_fact(facts, str_from(p->fact)) : "";

	buf_printf(out, "<p>%s", before[p->form]);
	if (p->form == PARAGRAPH_TEXT)
		put_sentence(out, language, p->text, facts, true);
	else
		put_escaped(out, fact);
	if (p->form == PARAGRAPH_LINK) {
		buf_add_str(out, "\">");
		put_escaped(out, fact);
	}
	buf_printf(out, "%s</p>\n", behind[p->form]);
}

static const char *text_part(const struct mail_kind *k, enum language language,
	const struct mail_facts *facts, const char *signature, struct arena *arena)
{
	struct buf out;

	buf_init(&out, PART_MAX);
	for (const struct paragraph *p = k->paragraphs; p->form; p++)
		put_text_paragraph(&out, p, language, facts);
	/* The line that mail programs know a signature by. */
	if (signature)
		buf_printf(&out, "-- \n%s\n", signature);
	return kept(arena, &out);
}

static const char *html_part(const struct mail_kind *k, enum language language,
	const struct mail_facts *facts, const char *signature, struct arena *arena)
{
	struct buf out;

	buf_init(&out, PART_MAX);
	buf_printf(&out, "<!DOCTYPE html>\n<html lang=\"%s\"><meta charset=\"utf-8\"><body>\n",
		language_tags[language]);
	for (const struct paragraph *p = k->paragraphs; p->form; p++)
		put_html_paragraph(&out, p, language, facts);
	if (signature) {
		buf_add_str(&out, "<p>");
		put_escaped(&out, signature);
		buf_add_str(&out, "</p>\n");
	}
	buf_add_str(&out, "</body></html>\n");
	return kept(arena, &out);
}

static const char *filled(
	const char *text, const struct mail_facts *facts, bool html, struct arena *arena)
{
	struct buf out;

	buf_init(&out, PART_MAX);
	mail_fill(&out, str_from(text), facts, html);
	return kept(arena, &out);
}

static const char *signed_text(const char *text, const char *signature, struct arena *arena)
{
	return text && signature ? arena_printf(arena, "%s\n-- \n%s\n", text, signature) : text;
}

static bool has_facts(const struct mail_kind *k, const struct mail_facts *facts)
{
	struct str rest = str_from(k->facts);

	while (rest.n)
		if (!mail_fact(facts, str_split(&rest, ',')))
			return false;
	return true;
}

static const struct mail_kind *kind_find(const char *name, size_t *ret_at)
{
	if (strncmp(name, KIND_PREFIX, strlen(KIND_PREFIX)) != 0)
		return NULL;
	for (*ret_at = 0; *ret_at < mail_kinds_count; (*ret_at)++)
		if (strcmp(mail_kinds[*ret_at].name, name + strlen(KIND_PREFIX)) == 0)
			return &mail_kinds[*ret_at];
	return NULL;
}

static struct mail_text own_words(const struct mail_kind *k, enum language language,
	const struct mail_facts *facts, const char *signature, struct arena *arena)
{
	return (struct mail_text){
		.subject = filled(translation_of(language, k->subject->key, k->subject->text),
			facts, false, arena),
		.text = text_part(k, language, facts, signature, arena),
		.html = html_part(k, language, facts, signature, arena),
	};
}

bool mail_text_make(const struct mail_templates *own, const char *kind, enum language language,
	const struct mail_facts *facts, const char *signature, struct arena *arena,
	struct mail_text *ret)
{
	size_t at;
	const struct mail_kind *k = kind_find(kind, &at);
	const struct mail_template *t;

	if (!k || !has_facts(k, facts))
		return false;
	t = mail_template_find(own, at, language);
	if (t)
		*ret = (struct mail_text){ .subject = filled(t->subject, facts, false, arena),
			.text = signed_text(filled(t->text, facts, false, arena), signature, arena),
			.html = t->html ? filled(t->html, facts, true, arena) : NULL };
	else
		*ret = own_words(k, language, facts, signature, arena);
	return ret->subject && ret->text && (ret->html || (t && !t->html));
}

const char *mail_validity(struct arena *arena, enum language language, int64_t minutes)
{
	bool days = minutes >= 2 * DAY_MINUTES && minutes % DAY_MINUTES == 0;
	bool hours = minutes >= 2 * HOUR_MINUTES && minutes % HOUR_MINUTES == 0;
	const struct text *t = days ? &text_days : hours ? &text_hours : &text_minutes;
	const char *n = arena_printf(arena, "%" PRId64,
		minutes / (days           ? DAY_MINUTES
				  : hours ? HOUR_MINUTES
					  : 1));
	const struct mail_facts facts = { { { "n", n } }, 1 };

	return filled(translation_of(language, t->key, t->text), &facts, false, arena);
}

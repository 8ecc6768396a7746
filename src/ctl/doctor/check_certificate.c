/* The certificates nginx shows clients. */
#define _GNU_SOURCE
#include <string.h>

#include "certificate.h"
#include "doctor_priv.h"

#define DAY_SECONDS 86400
#define SOON_DAYS   14

static const char *mend_renew(struct doctor *d, const struct nginx_server *s)
{
	const char *reload =
		d->instance
			? arena_printf(d->arena, "packaging/instance reload %s nginx", d->instance)
			: "systemctl reload nginx";

	if (strstr(s->certificate, "/letsencrypt/"))
		return arena_printf(d->arena, "certbot renew && %s", reload);
	if (d->instance && strstr(s->certificate, d->instance))
		return arena_printf(d->arena,
			"rm %s && packaging/instance stop %s nginx && packaging/instance start %s",
			s->certificate, d->instance, d->instance);
	return arena_printf(d->arena,
		"install -m 0644 NEW-CERTIFICATE %s && install -m 0600 NEW-KEY %s && %s",
		s->certificate, s->key ? s->key : "KEY", reload);
}

/* Ours with a certificate, from *at on. NULL: there is no other. */
static const struct nginx_server *next_server(const struct doctor *d, size_t *at)
{
	while (*at < d->nginx.server_count) {
		const struct nginx_server *s = &d->nginx.servers[(*at)++];

		if (s->is_ours && s->certificate)
			return s;
	}
	return NULL;
}

static struct doctor_finding look_end(struct doctor *d)
{
	const struct nginx_server *s, *soonest = NULL;
	struct certificate *c = NULL;
	int64_t least = INT64_MAX;
	const char *why;

	for (size_t at = 0; (s = next_server(d, &at));) {
		why = certificate_load(s->certificate, &c);
		if (why)
			return found_wrong(d, mend_renew(d, s), "%s: %s", s->certificate, why);
		int64_t left = certificate_is_early(c) ? -1 : certificate_seconds_left(c);

		certificate_free(&c);
		if (left < least) {
			least = left;
			soonest = s;
		}
	}
	if (!soonest)
		return not_looked_at(d, "nginx has no server with TLS that leads to the API");
	if (least < 0)
		return found_wrong(d, mend_renew(d, soonest), "%s has expired, or is not good yet",
			soonest->certificate);
	if (least < (int64_t)SOON_DAYS * DAY_SECONDS)
		return found_doubtful(d, mend_renew(d, soonest), "%s ends in %lld days",
			soonest->certificate, (long long)least / DAY_SECONDS);
	return found_well(d, "it is good for %lld days", (long long)least / DAY_SECONDS);
}

/* Whether a server shows a certificate for this name. */
static bool is_covered(struct doctor *d, const char *host)
{
	const struct nginx_server *s;
	struct certificate *c = NULL;
	bool covered = false;

	for (size_t at = 0; !covered && (s = next_server(d, &at));)
		if (!certificate_load(s->certificate, &c)) {
			covered = certificate_is_for(c, host);
			certificate_free(&c);
		}
	return covered;
}

/* That of "https://host:port". NULL: there is none. */
static const char *public_host(struct doctor *d)
{
	const char *url = d->setup->api->rules.public_url;

	return strncmp(url, "https://", 8) == 0
		       ? arena_strndup(d->arena, url + 8, strcspn(url + 8, ":/"))
		       : NULL;
}

static struct doctor_finding not_covered(struct doctor *d, const char *host)
{
	size_t at = 0;
	const struct nginx_server *s = next_server(d, &at);

	return found_wrong(
		d, mend_renew(d, s), "no certificate is for %s, which clients call", host);
}

static struct doctor_finding look_names(struct doctor *d)
{
	const char *host = public_host(d);
	struct str rest;
	size_t at = 0, n = 0;

	if (!next_server(d, &at))
		return not_looked_at(d, "nginx has no server with TLS that leads to the API");
	if (host && !is_covered(d, host))
		return not_covered(d, host);
	if (!d->has_content)
		return not_looked_at(d, "the hosts of the spaces are not known");
	for (rest = str_from(d->content.hosts); rest.n; n++) {
		struct str word = str_split(&rest, ' ');

		host = arena_strndup(d->arena, word.p, word.n);
		if (!is_covered(d, host))
			return not_covered(d, host);
	}
	return found_well(d, "the hosts of %zu spaces are in it", n);
}

const struct doctor_check certificate_checks[] = {
	{ "certificate_end", "until when the certificate is good", look_end, "nginx_file" },
	{ "certificate_names", "that it is for the hosts of the spaces", look_names,
		"certificate_end" },
	{ 0 },
};

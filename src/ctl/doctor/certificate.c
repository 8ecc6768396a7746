#include "certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "regular_file.h"

#define FILE_MAX_BYTES ((size_t)1 << 20)
#define DAY_SECONDS    86400

struct certificate {
	X509 *x509;
};

const char *certificate_load(const char *path, struct certificate **ret)
{
	struct buf text;
	const char *why;
	X509 *x509 = NULL;
	BIO *bio;

	buf_init(&text, FILE_MAX_BYTES);
	why = regular_file_read(path, &text);
	bio = why ? NULL : BIO_new_mem_buf(text.p ? text.p : "", (int)text.n);
	if (bio)
		x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	BIO_free(bio);
	buf_finish(&text);
	if (!x509)
		return why ? why : "it is no certificate";
	*ret = mem_alloc(sizeof(**ret));
	(*ret)->x509 = x509;
	return NULL;
}

void certificate_free(struct certificate **c)
{
	if (!*c)
		return;
	X509_free((*c)->x509);
	free(*c);
	*c = NULL;
}

int64_t certificate_seconds_left(const struct certificate *c)
{
	int days = 0, seconds = 0;

	if (!ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(c->x509)))
		return -1;
	return (int64_t)days * DAY_SECONDS + seconds;
}

bool certificate_is_early(const struct certificate *c)
{
	return X509_cmp_current_time(X509_get0_notBefore(c->x509)) > 0;
}

bool certificate_is_for(const struct certificate *c, const char *host)
{
	return X509_check_host(c->x509, host, 0, 0, NULL) == 1 ||
	       X509_check_ip_asc(c->x509, host, 0) == 1;
}

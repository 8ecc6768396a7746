#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "redis_priv.h"

#define OUT_MAX  (1u << 30)
#define OUT_KEPT (64u << 10) /* what was sent of it is dropped beyond */
#define RECORD   (16 * 1024) /* the longest there is, so that none is left inside of OpenSSL */
#define RECORDS  16          /* of one reading */

static int broken(struct wire *w, const char *why)
{
	w->redis->err = REDIS_ERR_OTHER;
	snprintf(w->redis->errstr, sizeof(w->redis->errstr), "%s", why);
	return REDIS_ERR;
}

/* What OpenSSL says of its last failure, and forgets. */
static int broken_tls(struct wire *w, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *why = code ? ERR_reason_error_string(code) : NULL;
	char text[128];

	snprintf(text, sizeof(text), "%s: %.90s", what, why ? why : "the connection was closed");
	ERR_clear_error();
	return broken(w, text);
}

void wire_close(struct wire *w)
{
	SSL_free(w->tls);
	if (w->redis)
		redisFree(w->redis);
	buf_finish(&w->out);
	*w = (struct wire){ 0 };
}

/* NULL: all is well. Otherwise the file to blame, or what else it is. */
static const char *load_files(SSL_CTX *ctx, const struct redis_tls *t)
{
	if (t->ca_file ? SSL_CTX_load_verify_file(ctx, t->ca_file) != 1
		       : SSL_CTX_set_default_verify_paths(ctx) != 1)
		return t->ca_file ? t->ca_file : "the system's certificates";
	if (!t->certificate_file)
		return NULL;
	if (SSL_CTX_use_certificate_chain_file(ctx, t->certificate_file) != 1)
		return t->certificate_file;
	return SSL_CTX_use_PrivateKey_file(ctx, t->key_file, SSL_FILETYPE_PEM) == 1 ? NULL
										    : t->key_file;
}

/* A name, or an address, that the certificate has to have. To OpenSSL no name is any name. */
static bool expect_name(SSL *tls, const char *name)
{
	char told[TLSEXT_MAXLEN_host_name +
		  1]; /* OpenSSL wants one that may change, and copies it */

	SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), name) == 1)
		return true;
	ERR_clear_error();
	if (!*name || snprintf(told, sizeof(told), "%s", name) >= (int)sizeof(told))
		return false;
	return SSL_set1_host(tls, name) == 1 && SSL_set_tlsext_host_name(tls, told) == 1;
}

static SSL_CTX *context_new(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (!ctx)
		return NULL;
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	/* Or a write could wait for something to be read, and those who poll would not sleep meanwhile. */
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	return ctx;
}

/* Made anew for each connection, so that a renewed certificate needs no restart. */
int wire_secure(struct wire *w, const struct redis_tls *t, const char *host)
{
	int fd = w->redis->fd;
	SSL_CTX *ctx = context_new();
	const char *blame = ctx ? load_files(ctx, t) : "TLS";

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	buf_init(&w->out, OUT_MAX);
	if (!blame)
		w->tls = SSL_new(ctx);
	SSL_CTX_free(ctx);
	if (blame)
		return broken_tls(w, blame);
	if (!w->tls || SSL_set_fd(w->tls, fd) != 1 ||
		!expect_name(w->tls, t->name ? t->name : host))
		return broken_tls(w, "TLS");
	SSL_set_connect_state(w->tls);
	return REDIS_OK;
}

/* What a failed call means: it wants the socket, or there is nothing more to come. */
static enum wire_want want_of(struct wire *w, int result, const char *what)
{
	int error = SSL_get_error(w->tls, result);

	if (error == SSL_ERROR_WANT_READ)
		return WIRE_READ;
	if (error == SSL_ERROR_WANT_WRITE)
		return WIRE_WRITE;
	if (error == SSL_ERROR_ZERO_RETURN)
		broken(w, "Server closed the connection");
	else
		broken_tls(w, what);
	return WIRE_BROKEN;
}

enum wire_want wire_shake(struct wire *w)
{
	int result;
	long verdict;

	ERR_clear_error();
	result = SSL_do_handshake(w->tls);
	if (result == 1)
		return WIRE_NOTHING;
	verdict = SSL_get_verify_result(w->tls);
	if (verdict != X509_V_OK && SSL_get_error(w->tls, result) == SSL_ERROR_SSL) {
		broken_tls(w, "");
		snprintf(w->redis->errstr, sizeof(w->redis->errstr), "its certificate: %s",
			X509_verify_cert_error_string(verdict));
		return WIRE_BROKEN;
	}
	return want_of(w, result, "TLS");
}

int wire_read(struct wire *w)
{
	char *bytes;
	int n = 1, result = REDIS_OK;

	if (!w->tls)
		return redisBufferRead(w->redis);
	bytes = mem_alloc(RECORD);
	ERR_clear_error();
	for (int i = 0; i < RECORDS && n > 0 && result == REDIS_OK; i++) {
		n = SSL_read(w->tls, bytes, RECORD);
		if (n > 0)
			result = redisReaderFeed(w->redis->reader, bytes, (size_t)n);
		else if (want_of(w, n, "TLS") == WIRE_BROKEN)
			result = REDIS_ERR;
	}
	free(bytes);
	return result;
}

bool wire_is_quiet(struct wire *w)
{
	const redisReader *reader = w->redis->reader;

	return w->tls && wire_read(w) == REDIS_OK && reader->len == reader->pos;
}

static void forget_sent(struct wire *w)
{
	if (w->sent < w->out.n && w->sent < OUT_KEPT)
		return;
	buf_consume(&w->out, w->sent);
	w->sent = 0;
}

int wire_write(struct wire *w, int *ret_done)
{
	enum wire_want want = WIRE_NOTHING;

	if (!w->tls)
		return redisBufferWrite(w->redis, ret_done);
	if (w->out.overflow)
		return broken(w, "too much waits to be sent");
	ERR_clear_error();
	while (w->sent < w->out.n && want == WIRE_NOTHING) {
		size_t left = w->out.n - w->sent;
		int n = SSL_write(w->tls, w->out.p + w->sent, left > INT_MAX ? INT_MAX : (int)left);

		if (n > 0)
			w->sent += (size_t)n;
		else
			want = want_of(w, n, "TLS");
	}
	if (want == WIRE_BROKEN)
		return REDIS_ERR;
	w->reads_first = want == WIRE_READ;
	forget_sent(w);
	*ret_done = w->out.n == 0;
	return REDIS_OK;
}

void wire_append(struct wire *w, const struct redis_command *command)
{
	const char **args = mem_alloc(command->n * sizeof(*args));
	size_t *sizes = mem_alloc(command->n * sizeof(*sizes));
	char *text = NULL;
	long long n;

	for (size_t i = 0; i < command->n; i++) {
		args[i] = command->args[i].p ? command->args[i].p : "";
		sizes[i] = command->args[i].n;
	}
	if (!w->tls) {
		redisAppendCommandArgv(w->redis, (int)command->n, args, sizes);
	} else {
		n = redisFormatCommandArgv(&text, (int)command->n, args, sizes);
		buf_add(&w->out, text, n > 0 ? (size_t)n : 0);
		redisFreeCommand(text);
	}
	free(args);
	free(sizes);
}

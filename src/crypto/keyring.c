#define _GNU_SOURCE
#include "crypto/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/encode.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text_input.h"
#include "crypto/random.h"

#define FILE_MAX_BYTES 65536
#define OTHERS         0007
#define PERMISSIONS    0777

static const char *const purposes[] = { "jwt", "seal", "digest", "token" };

struct keyring {
	struct {
		struct key keys[KEYS_KEPT]; /* newest first */
		size_t count;
	} of[KEY_PURPOSES];
};

bool key_purpose_parse(struct str name, enum key_purpose *ret)
{
	for (enum key_purpose p = 0; p < KEY_PURPOSES; p++)
		if (str_is(name, purposes[p])) {
			*ret = p;
			return true;
		}
	return false;
}

void keyring_free(struct keyring **k)
{
	if (!*k)
		return;
	mem_wipe(*k, sizeof(**k));
	free(*k);
	*k = NULL;
}

const struct key *keyring_at(const struct keyring *k, enum key_purpose purpose, size_t place)
{
	return place < k->of[purpose].count ? &k->of[purpose].keys[place] : NULL;
}

const struct key *keyring_current(const struct keyring *k, enum key_purpose purpose)
{
	return &k->of[purpose].keys[0];
}

const struct key *keyring_find(const struct keyring *k, enum key_purpose purpose, uint16_t id)
{
	const struct key *key;

	for (size_t i = 0; (key = keyring_at(k, purpose, i)); i++)
		if (key->id == id)
			return key;
	return NULL;
}

/* Keeps the order and the newest KEYS_KEPT. False when the id is there already. */
static bool add(struct keyring *k, enum key_purpose purpose, const struct key *key)
{
	struct key *keys = k->of[purpose].keys;
	size_t n = k->of[purpose].count, at = 0;

	if (keyring_find(k, purpose, key->id))
		return false;
	while (at < n && keys[at].id > key->id)
		at++;
	if (at == KEYS_KEPT)
		return true;
	if (n == KEYS_KEPT)
		n--;
	memmove(keys + at + 1, keys + at, (n - at) * sizeof(*keys));
	keys[at] = *key;
	k->of[purpose].count = n + 1;
	return true;
}

static struct str next_word(struct str *rest)
{
	size_t n = 0;
	struct str word;

	*rest = str_trim(*rest);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	word = (struct str){ rest->p, n };
	rest->p += n;
	rest->n -= n;
	return word;
}

/* NULL, or what is wrong with the line. */
static const char *read_line(struct keyring *k, struct str line)
{
	struct str purpose_name = next_word(&line), id_text = next_word(&line);
	enum key_purpose purpose;
	struct key key;
	uint64_t id;

	if (!key_purpose_parse(purpose_name, &purpose))
		return "the purpose is not one of jwt, seal, digest, token";
	if (!str_to_uint(id_text, KEY_ID_MAX, &id) || id == 0)
		return "the id is not a number from 1 to 65535";
	if (!hex_decode(key.bytes, sizeof(key.bytes), str_trim(line)))
		return "the key is not 64 hexadecimal digits";
	key.id = (uint16_t)id;
	bool added = add(k, purpose, &key);

	mem_wipe(&key, sizeof(key));
	return added ? NULL : "the id is used twice";
}

static bool has_all_purposes(const struct keyring *k, const char *name)
{
	for (enum key_purpose p = 0; p < KEY_PURPOSES; p++)
		if (k->of[p].count == 0) {
			log_error("keys file %s: there is no %s key", name, purposes[p]);
			return false;
		}
	return true;
}

enum err keyring_parse(const char *name, struct str text, struct keyring **ret)
{
	struct keyring *k = mem_alloc(sizeof(*k));
	bool ok = true;

	for (int number = 1; text.n; number++) {
		struct str line = str_trim(str_split(&text, '\n'));
		const char *wrong = line.n == 0 || line.p[0] == '#' ? NULL : read_line(k, line);

		if (wrong) {
			log_error("keys file %s, line %d: %s", name, number, wrong);
			ok = false;
		}
	}
	if (!ok || !has_all_purposes(k, name)) {
		keyring_free(&k);
		return ERR_INVALID;
	}
	*ret = k;
	return ERR_OK;
}

static enum err load_from(int fd, const char *path, struct stat *ret_stat, struct keyring **ret)
{
	struct buf text;
	enum err e;

	if (fstat(fd, ret_stat) == 0 && ret_stat->st_mode & OTHERS) {
		log_error("keys file %s: others may access it, chmod it to 0600", path);
		return ERR_FORBIDDEN;
	}
	buf_init(&text, FILE_MAX_BYTES);
	if (text_input_read(fd, &text)) {
		e = keyring_parse(path, buf_str(&text), ret);
	} else {
		log_error("keys file %s: it cannot be read, or is too long", path);
		e = ERR_UNAVAILABLE;
	}
	buf_wipe(&text);
	buf_finish(&text);
	return e;
}

static enum err load(const char *path, struct stat *ret_stat, struct keyring **ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err e;

	if (fd < 0) {
		e = errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE;
		log_error("keys file %s: %s", path, strerror(errno));
		return e;
	}
	e = load_from(fd, path, ret_stat, ret);
	close(fd);
	return e;
}

enum err keyring_load(const char *path, struct keyring **ret)
{
	struct stat st;

	return load(path, &st, ret);
}

static void write_text(const struct keyring *k, struct buf *out)
{
	char hex[HEX_SIZE(KEY_BYTES)];
	const struct key *key;

	buf_add_str(out, "# Keys of this Dialtone site: purpose, id, 64 hexadecimal digits.\n"
			 "# The highest id is in use, older ones still verify and decrypt.\n"
			 "# Keep a copy in a safe place: without it stored secrets are lost.\n");
	for (enum key_purpose p = 0; p < KEY_PURPOSES; p++)
		for (size_t i = 0; (key = keyring_at(k, p, i)); i++)
			buf_printf(out, "%s %u %s\n", purposes[p], key->id,
				hex_encode(hex, key->bytes, sizeof(key->bytes)));
	mem_wipe(hex, sizeof(hex));
}

static bool write_whole(int fd, const struct buf *text)
{
	size_t done = 0;

	while (done < text->n) {
		ssize_t n = write(fd, text->p + done, text->n - done);

		if (n < 0)
			return false;
		done += (size_t)n;
	}
	return fsync(fd) == 0;
}

/* Makes a file that must not exist yet; owner and mode as in `like`, or ours and 0600. */
static enum err write_new(const char *path, const struct keyring *k, const struct stat *like)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct buf text;
	bool ok;

	if (fd < 0 && errno == EEXIST)
		return ERR_CONFLICT;
	buf_init(&text, FILE_MAX_BYTES);
	write_text(k, &text);
	ok = fd >= 0 && write_whole(fd, &text) &&
	     (!like || (fchown(fd, like->st_uid, like->st_gid) == 0 &&
			       fchmod(fd, like->st_mode & PERMISSIONS) == 0));
	if (!ok)
		log_error("keys file %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (fd >= 0 && !ok)
		unlink(path);
	buf_wipe(&text);
	buf_finish(&text);
	return ok ? ERR_OK : ERR_UNAVAILABLE;
}

static void add_random(struct keyring *k, enum key_purpose purpose, uint16_t id)
{
	struct key key = { .id = id };

	random_bytes(key.bytes, sizeof(key.bytes));
	add(k, purpose, &key);
	mem_wipe(&key, sizeof(key));
}

enum err keyring_create(const char *path, int64_t used)
{
	struct keyring *k;
	enum err e;

	if (used >= KEY_ID_MAX)
		return ERR_LIMIT;
	k = mem_alloc(sizeof(*k));
	for (enum key_purpose p = 0; p < KEY_PURPOSES; p++)
		add_random(k, p, (uint16_t)(used + 1));
	e = write_new(path, k, NULL);
	keyring_free(&k);
	return e;
}

/* Puts the changed ring in the place of the file. */
static enum err replace(const char *path, const struct keyring *k, const struct stat *like)
{
	char *fresh;
	enum err e = ERR_UNAVAILABLE;

	if (asprintf(&fresh, "%s.new", path) < 0)
		return e;
	e = write_new(fresh, k, like);
	if (e == ERR_OK && rename(fresh, path) < 0) {
		log_error("keys file %s: %s", path, strerror(errno));
		unlink(fresh);
		e = ERR_UNAVAILABLE;
	}
	free(fresh);
	return e;
}

enum err keyring_rotate(const char *path, enum key_purpose purpose, int64_t used)
{
	struct keyring *k;
	struct stat st;
	enum err e = load(path, &st, &k);

	if (e)
		return e;
	int64_t newest = keyring_current(k, purpose)->id;

	if (newest < used)
		newest = used;
	if (newest >= KEY_ID_MAX) {
		e = ERR_LIMIT;
	} else {
		add_random(k, purpose, (uint16_t)(newest + 1));
		e = replace(path, k, &st);
	}
	keyring_free(&k);
	return e;
}

#include "crypto/keyring.h"

#include "base/log.h"
#include "fuzz.h"

static void check_purpose(const struct keyring *k, enum key_purpose purpose)
{
	const struct key *newest = keyring_current(k, purpose), *key;
	size_t n = 0;

	require(newest && keyring_at(k, purpose, 0) == newest);
	for (; (key = keyring_at(k, purpose, n)); n++) {
		require(key->id > 0 && key->id <= newest->id);
		require(keyring_find(k, purpose, key->id) == key);
	}
	require(n >= 1 && n <= KEYS_KEPT);
}

/* A file is either wrong as a whole or has a key for every purpose. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keyring *k = NULL;

	log_set_level((enum log_level)(LOG_LEVEL_ERROR + 1));
	if (keyring_parse("keys", fuzz_input(data, size), &k) != ERR_OK) {
		require(!k);
		return 0;
	}
	for (enum key_purpose p = 0; p < KEY_PURPOSES; p++)
		check_purpose(k, p);
	keyring_free(&k);
	return 0;
}

#include "relay/ws/upgrade.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/encode.h"
#include "base/log.h"

#define UPGRADE_GUID    "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define UPGRADE_KEY_LEN 24
#define SHA1_LEN        20

bool upgrade_is_asked(const struct http_head *head)
{
	return http_list_has(head->upgrade, STR("websocket")) &&
	       http_list_has(head->connection, STR("upgrade"));
}

bool upgrade_is_valid(const struct http_head *head)
{
	uint8_t key[UPGRADE_KEY_LEN * 3 / 4];
	size_t n = 0;

	return upgrade_is_asked(head) && str_is(head->method, "GET") && head->is_1_1 &&
	       head->host.n > 0 && str_is(head->ws_version, "13") &&
	       head->ws_key.n == UPGRADE_KEY_LEN && base64_decode(key, head->ws_key, &n) && n == 16;
}

void upgrade_answer_put(struct buf *out, const struct http_head *head, const char *lines)
{
	uint8_t text[UPGRADE_KEY_LEN + sizeof(UPGRADE_GUID)], digest[EVP_MAX_MD_SIZE];
	char accept[BASE64_SIZE(SHA1_LEN)];

	memcpy(text, head->ws_key.p, UPGRADE_KEY_LEN);
	memcpy(text + UPGRADE_KEY_LEN, UPGRADE_GUID, sizeof(UPGRADE_GUID) - 1);
	if (!EVP_Digest(text, sizeof(text) - 1, digest, NULL, EVP_sha1(), NULL))
		log_fatal("SHA-1 is not available");
	base64_encode(accept, digest, SHA1_LEN);
	buf_printf(out,
		"HTTP/1.1 101 Switching Protocols\r\n"
		"Upgrade: websocket\r\n"
		"Connection: Upgrade\r\n"
		"Sec-WebSocket-Accept: %s\r\n%s\r\n",
		accept, lines ? lines : "");
}

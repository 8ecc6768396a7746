#include "base/request_id.h"

#include <stdint.h>
#include <sys/random.h>

#include "base/encode.h"
#include "base/log.h"

#define ID_RANDOM 16 /* bytes */

bool request_id_is_acceptable(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i], lower = (char)(c | 0x20);

		if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '-' &&
			c != '_' && c != '.')
			return false;
	}
	return s.n > 0 && s.n < REQUEST_ID_SIZE;
}

void request_id_make(char out[REQUEST_ID_SIZE])
{
	uint8_t bytes[ID_RANDOM];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		log_fatal("the kernel gives no random bytes");
	hex_encode(out, bytes, sizeof(bytes));
}

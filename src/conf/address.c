#include "address.h"

#include <sys/un.h>

#define PORT_MAX 65535

static bool is_host(struct str s)
{
	return s.n > 0 && s.n < 254 &&
	       str_is_made_of(
		       s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
}

static bool is_bracketed(struct str s)
{
	return s.n > 3 && s.p[0] == '[' && s.p[s.n - 1] == ']' &&
	       str_is_made_of((struct str){ s.p + 1, s.n - 2 }, "0123456789abcdefABCDEF:.");
}

bool authority_is_valid(struct str s, bool bare)
{
	size_t end = s.n;
	uint64_t port;

	while (end && s.p[end - 1] != ':' && s.p[end - 1] != ']')
		end--;
	if (end == 0 || s.p[end - 1] == ']')
		return bare && (is_host(s) || is_bracketed(s));
	struct str host = { s.p, end - 1 }, digits = { s.p + end, s.n - end };

	return (is_host(host) || is_bracketed(host)) && str_to_uint(digits, PORT_MAX, &port) &&
	       port > 0;
}

bool unix_path_is_valid(struct str s)
{
	return s.n > 1 && s.p[0] == '/' && s.n < sizeof(((struct sockaddr_un *)0)->sun_path);
}

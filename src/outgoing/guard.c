#include "outgoing/guard.h"

#include <fcntl.h>

static bool is_named(const struct guard *g, const struct ip_address *a)
{
	struct str rest = str_from(g->private_places), host = str_from(g->host);
	struct ip_network n;

	while (rest.n) {
		struct str word = str_split(&rest, ',');

		if (host.n && str_case_eq(word, host))
			return true;
		if (ip_network_parse(word, &n) && ip_network_has(&n, a))
			return true;
	}
	return false;
}

bool guard_allows(const struct guard *g, const struct ip_address *a)
{
	return is_named(g, a) || (!g->is_plain && ip_address_is_public(a));
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct guard *g = arg;
	struct ip_address a;

	if (purpose != CURLSOCKTYPE_IPCXN || !ip_address_of(&to->addr, &a))
		return CURL_SOCKET_BAD;
	if (!guard_allows(g, &a)) {
		ip_address_text(g->refused, &a);
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

void guard_install(struct guard *g, CURL *easy)
{
	g->refused[0] = '\0';
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, g);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Otherwise the end of a transfer waits for the thread that looks the name up. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
}

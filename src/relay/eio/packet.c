#include "relay/eio/packet.h"

bool eio_packet_parse(struct str text, struct eio_packet *ret)
{
	if (text.n == 0 || text.p[0] < '0' || text.p[0] > '0' + EIO_NOOP)
		return false;
	ret->type = (enum eio_type)(text.p[0] - '0');
	ret->data = (struct str){ text.p + 1, text.n - 1 };
	return true;
}

/* Parts of sio: packets whose attachments are on their way, and the queries of namespaces. */
#ifndef DIALTONE_RELAY_SIO_SIO_PRIV_H
#define DIALTONE_RELAY_SIO_SIO_PRIV_H

#include "relay/sio/sio.h"

/* Keeps a copy of the packet's text as s->assembly. */
void sio_assembly_begin(struct sio *s, struct str text, unsigned attachments);
/* False: all together are too much. */
bool sio_assembly_add(struct sio *s, struct str bytes);
/* Whether all have come; *ret then points into the assembly. */
bool sio_assembly_is_whole(const struct sio_assembly *a, struct sio_packet *ret);
/* Sets *a to NULL. */
void sio_assembly_free(struct sio_assembly **a);

/* a=1&b=x%20y as {"a":"1","b":"x y"}; of a repeated name both are kept. False when it does not fit
 * or is not UTF-8. */
bool sio_query_put(struct buf *json, struct str query);

#endif

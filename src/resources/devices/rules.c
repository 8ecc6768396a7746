#include "resources/devices/device.h"

enum err device_list(struct service *s, struct rows *ret)
{
	switch ((enum registrar)s->settings->registrar) {
	case REGISTRAR_NONE:
		*ret = (struct rows){ 0 };
		break;
	}
	return ERR_OK;
}

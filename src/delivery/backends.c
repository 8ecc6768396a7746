#include "delivery/backend.h"

extern const struct backend sms_backend;

const struct backend *const backends[] = { &sms_backend, NULL };

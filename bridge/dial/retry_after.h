/* retry_after.h - the header Retry-After (RFC 9110, 10.2.3). Pure. */
#ifndef BRIDGE_DIAL_RETRY_AFTER_H
#define BRIDGE_DIAL_RETRY_AFTER_H

#include <stdint.h>

#include "codecs/text/slice.h"

/* In how many seconds to come back, as a number or a date says; wall_ms: now, in ms since 1970.
 * 0: at once, or it says nothing that can be read. */
uint32_t retry_after_read(struct slice value, uint64_t wall_ms);

#endif

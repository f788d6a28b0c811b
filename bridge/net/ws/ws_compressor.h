/* ws_compressor.h - frames for many, compressed once (RFC 7692). A worker's thread. */
#ifndef BRIDGE_NET_WS_WS_COMPRESSOR_H
#define BRIDGE_NET_WS_WS_COMPRESSOR_H

#include <stddef.h>

#include "codecs/model/frame.h"

/* Of what it is given (see frame.h), messages of `above` bytes and more are compressed, where that
 * saves anything; the others are copied as they are. Called by loop.c, for worker->compressor.
 * Returns new; what it needs to compress is made with the first such message. */
struct compressor *ws_compressor_new(size_t above);
void ws_compressor_free(struct compressor *compressor); /* NULL is allowed */

#endif

/* ws_deflate.h - messages compressed and back (RFC 7692), each on its own: no context is taken over
 * in either direction, so that one worker needs one of each for all its connections, and what was
 * compressed once goes to everybody. The only file that knows zlib. A worker's thread. */
#ifndef BRIDGE_NET_WS_WS_DEFLATE_H
#define BRIDGE_NET_WS_WS_DEFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

/* The window of what is compressed here is 2^12 bytes: who wants a smaller one is sent plain frames
 * (ws_offer.h). A larger one gains nothing on messages of a chat, and costs memory and time. */
#define WS_DEFLATE_BITS 12

/* Beyond this a buffer is given back once it has served its message. */
#define WS_DEFLATE_KEPT ((size_t)64 * 1024)

struct ws_inflate;

/* Returns new: about 40 KB, once used, and a buffer for what it makes. */
struct ws_inflate *ws_inflate_new(void);
void ws_inflate_free(struct ws_inflate *back); /* NULL is allowed */

/* The whole payload of a compressed message (borrows), of any window up to 2^15, is made plain; one
 * of no bytes is an empty message. limit: the most bytes the plain one may have; it and len are
 * below 2^31. No more than that is made. Returns 0 and *out, borrowed from back until its next
 * call; or the close code: 1009 above the limit, 1007 for what is no such payload. Called by
 * ws_reader.c. */
uint16_t ws_inflate_message(struct ws_inflate *back, const unsigned char *payload, size_t len,
			    size_t limit, struct slice *out);

struct ws_deflate;

/* Returns new: about 40 KB, and a buffer for what it makes. */
struct ws_deflate *ws_deflate_new(void);
void ws_deflate_free(struct ws_deflate *there); /* NULL is allowed */

/* Compresses a message's payload (borrows; its length is below 2^31) into one for frames with RSV1,
 * without the 00 00 FF FF at its end (RFC 7692 section 7.2.1). False: that would save less than
 * four bytes; send it as it is. *out is borrowed from there until its next call. Called by whoever
 * encodes a frame for many. */
bool ws_deflate_message(struct ws_deflate *there, struct slice payload, struct slice *out);

#endif

/* ws_text.h - is it UTF-8, told at the first byte that cannot be (RFC 3629; RFC 6455 section 8.1).
 *
 * What is looked at may come in pieces, cut anywhere: the state between two of them is one byte.
 * Called by ws_reader.c. Pure; any thread. */
#ifndef BRIDGE_NET_WS_WS_TEXT_H
#define BRIDGE_NET_WS_WS_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define WS_TEXT_WHOLE 0  /* at the beginning, and between two characters */
#define WS_TEXT_BAD   48 /* it is not UTF-8, whatever follows */

/* The state after len more bytes (borrows; may be NULL when len is 0). Any other value than the two
 * above: within a character, of which more must follow. */
uint8_t ws_text_next(uint8_t state, const unsigned char *bytes, size_t len);

#endif

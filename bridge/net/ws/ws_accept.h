/* ws_accept.h - the key of a WebSocket handshake and its answer (RFC 6455 sections 4.2.1
 * and 4.2.2). Called by whoever answers the upgrade request. Pure; any thread. */
#ifndef BRIDGE_NET_WS_WS_ACCEPT_H
#define BRIDGE_NET_WS_WS_ACCEPT_H

#include <stdbool.h>

#include "codecs/text/slice.h"

/* Sec-WebSocket-Accept: 20 bytes in base64, with its NUL. */
#define WS_ACCEPT_SIZE 29

/* Is this value of Sec-WebSocket-Key, without the space around it, 16 bytes in base64? The answer
 * to any other is 400. The bits that are left over in the last character may be anything. */
bool ws_key_allowed(struct slice key);

/* Writes what proves that the key was read (borrows; a ws_key_allowed() one). Returns out, or NULL
 * where the machine's OpenSSL has no SHA-1: the answer is 500 then. */
char *ws_accept(struct slice key, char out[WS_ACCEPT_SIZE]);

/* Sec-WebSocket-Key: 16 bytes in base64, with its NUL. */
#define WS_KEY_SIZE 25

/* Writes a key of these bytes, which are to be random. Returns out. Called by bridge/dial. */
char *ws_key(const unsigned char random[16], char out[WS_KEY_SIZE]);

#endif

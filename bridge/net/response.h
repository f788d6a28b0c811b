/* response.h - HTTP/1.1 responses that end the connection: the one place where a head is written.
 */
#ifndef BRIDGE_NET_RESPONSE_H
#define BRIDGE_NET_RESPONSE_H

#include "codecs/codec.h"
#include "codecs/text/slice.h"

#define RESPONSE_MAX 512 /* bytes of a whole one, and a NUL */

/* A sentence for a person, as plain text. Borrows body, which ends with a newline. */
struct codec_response response_text(unsigned status, struct slice body);

/* Writes the whole response, head and body, NUL-terminated, and returns its bytes (in out). What
 * would be longer than RESPONSE_MAX is cut: nothing that a client wrote gets here. Any thread. */
struct slice response_write(char out[RESPONSE_MAX], const struct codec_response *response);

#endif

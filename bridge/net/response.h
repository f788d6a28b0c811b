/* response.h - refusals, which dialects and the bridge have in common, as answers of HTTP. */
#ifndef BRIDGE_NET_RESPONSE_H
#define BRIDGE_NET_RESPONSE_H

#include "bridge/net/http/http_answer.h"
#include "codecs/codec.h"
#include "codecs/text/slice.h"

#define RESPONSE_MAX 512 /* bytes of a whole one, and a NUL */

/* A sentence for a person, as plain text. Borrows body, which ends with a newline. */
struct codec_response response_text(unsigned status, struct slice body);

/* The same as http_connection takes it. Borrows response and, for its one more line, header. */
struct http_answer response_answer(const struct codec_response *response,
				   struct http_header *header);

/* Writes the whole response, head and body, NUL-terminated, and returns its bytes (in out). date:
 * http_date_at(); absent: it is not told. What would be longer than RESPONSE_MAX is cut: nothing
 * that a client wrote gets here. Any thread. */
struct slice response_write(char out[RESPONSE_MAX], const struct codec_response *response,
			    struct slice date);

#endif

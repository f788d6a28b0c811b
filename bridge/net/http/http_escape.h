/* http_escape.h - percent escapes of paths and queries (RFC 3986, 2.1). Pure; any thread. */
#ifndef BRIDGE_NET_HTTP_HTTP_ESCAPE_H
#define BRIDGE_NET_HTTP_HTTP_ESCAPE_H

#include <stdbool.h>

#include "codecs/text/slice.h"

enum http_escape {
	HTTP_PLAIN,   /* well escaped, and no control character in it */
	HTTP_CONTROL, /* well escaped, but it holds bytes below the space or DEL: %00, %0D%0A, ...
		       */
	HTTP_BROKEN   /* a '%' without two hexadecimal digits; *out is untouched */
};

/* Undoes the escapes of one part of a path or query: whoever wants parts divides first, because an
 * escaped '/' or '&' divides nothing. plus: '+' is a space, as forms have it. *out borrows from
 * text when nothing is escaped, else from scratch, which has room for text.len bytes; any bytes may
 * come: look whether they are UTF-8. */
enum http_escape http_unescape(struct slice text, bool plus, char *scratch, struct slice *out);

#endif

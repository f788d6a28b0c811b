/* http_chars.h - which bytes may stand where in a head (RFC 9110, 5.5 and 5.6.2; RFC 9112, 3.2).
 * Pure; any thread. */
#ifndef BRIDGE_NET_HTTP_HTTP_CHARS_H
#define BRIDGE_NET_HTTP_HTTP_CHARS_H

#include <stdbool.h>

#include "codecs/text/slice.h"

enum http_class {
	HTTP_TOKEN = 1,  /* tchar: of methods, header names, codings */
	HTTP_VALUE = 2,  /* of a header's value: all but control characters, and the tab */
	HTTP_TARGET = 4, /* of a target: visible, no '#'; beyond ASCII too, as clients send it */
	HTTP_NAME = 8,   /* of a host's name: letters, digits, "-._~" */
};

extern const unsigned char http_classes[256];

static inline bool http_is(char byte, enum http_class class)
{
	return http_classes[(unsigned char)byte] & class;
}

static inline bool http_is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* Without the spaces and tabs around it. Borrows. */
struct slice http_trimmed(struct slice text);

/* Is text this word, whatever its case? lower: in small letters, NUL-terminated. */
bool http_same(struct slice text, const char *lower);

/* The next item of a list with commas, trimmed; empty ones are skipped (RFC 9110, 5.6.1). Takes it
 * off *rest. False at the end. Borrows. */
bool http_list_next(struct slice *rest, struct slice *item);

#endif

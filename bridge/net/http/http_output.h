/* http_output.h - bytes that are put together before they are written: one block that comes and
 * goes (codecs/text/memory.h). Pure; one thread at a time. */
#ifndef BRIDGE_NET_HTTP_HTTP_OUTPUT_H
#define BRIDGE_NET_HTTP_HTTP_OUTPUT_H

#include <stddef.h>

#include "codecs/text/slice.h"

/* Zeroed is empty. */
struct http_output {
	char *data; /* NULL: nothing is held */
	size_t len, size;
};

/* Room for `more` bytes behind those that are there; whoever writes them adds them to len. Returns
 * where they go. */
char *http_output_room(struct http_output *output, size_t more);

/* Appends text (borrows). */
void http_output_add(struct http_output *output, struct slice text);

/* Gives the block back. */
void http_output_clear(struct http_output *output);

#endif

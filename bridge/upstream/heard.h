/* heard.h - something heard that has to wait: a copy of it. */
#ifndef BRIDGE_UPSTREAM_HEARD_H
#define BRIDGE_UPSTREAM_HEARD_H

#include "codecs/calls.h"

struct link;

struct heard {
	struct heard *next;
	struct call_heard of;   /* all it points at is its own */
	struct envelope *event; /* held: what of.event borrows from */
};

/* Copies (borrows). Returns new. */
struct heard *heard_new(const struct call_heard *of);
void heard_free(struct heard *heard); /* NULL is ignored */

#endif

/* actors.h - how a client of each dialect usually connects, logs in and says something: the
 * steps that a transcript is not about. */
#ifndef TESTS_SUPPORT_ACTORS_H
#define TESTS_SUPPORT_ACTORS_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/text/slice.h"
#include "tests/support/stage.h"

/* What a client brings; NULL or 0 for the usual. */
struct actor {
	const char *path;       /* of the mount; else the dialect's first */
	const char *query;      /* else made from the credential */
	const char *credential; /* mixer NUMBER:AUTHKEY or "reader", concord the token, rooms the
				 * key, simple NAME:PASSWORD; else made from the name */
	const char *address;    /* where from; else loopback */
	enum framing framing;   /* of its connection */
	bool compressed;        /* it agreed on permessage-deflate */
	bool dragoman;          /* it is another Dragoman */
};

/* Connects and logs in. NULL when there is no such mount, or the upgrade was refused. */
struct stage_client *actor_join(struct stage *stage, const char *name, size_t dialect,
				const struct actor *actor);

/* Says a message in the room the client is in by default. text: as inside a JSON string. */
void actor_says(struct stage_client *client, const char *text);

/* A pattern (see pattern.h, pattern_alike()) that any message shown in that dialect fits, whose
 * id becomes the value of name; NULL for a dialect that shows no ids. Returns new. */
char *actor_message_pattern(size_t dialect, const char *name);

/* "Basic ..." of the text. Returns new. */
char *actor_basic(const char *text);

#endif

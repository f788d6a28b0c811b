/* verbs.h - a dialect's verb table: the wire's name of a request, who handles it, and when. */
#ifndef CODECS_VERBS_H
#define CODECS_VERBS_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/codec.h"
#include "codecs/text/json_read.h"

struct verb {
	const char *name;
	enum reason (*handle)(struct codec_peer *, const struct json_object *, struct codec_sink *);
	bool before_login; /* allowed before a login succeeded */
};

/* The verb of that name in the table, or NULL. */
const struct verb *verb_find(const struct verb *table, size_t count, struct slice name);

#endif

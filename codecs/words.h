/* words.h - the words that a dialect's protocol consists of: what stands in its frames, and in its
 * requests of HTTP, that nobody wrote. By them a frame can be shown without what people wrote
 * (bridge/core/capture/redact.h). What a codec does not declare is taken for somebody's words.
 * Constant; pure. */
#ifndef CODECS_WORDS_H
#define CODECS_WORDS_H

#include <stdbool.h>

#include "codecs/text/slice.h"

/* A request whose arguments have no names, but places, from 0; -1: none. */
struct codec_method {
	const char *name;
	signed char number;   /* the argument that is a number nobody is free to choose */
	signed char duration; /* that says how long ("5m") */
	bool names_kinds;     /* its arguments are words of kinds */
	bool secret;          /* they log somebody in */
};

/* Each a list that ends with NULL; NULL: empty. */
struct codec_words {
	const char *const *members; /* all names that members have */
	const char *const
	    *naming;              /* members that say what kind of frame, event or part it is ... */
	const char *const *kinds; /* ... and the words for kinds */
	const char *const *bodies;  /* members that people fill with whatever they like */
	const char *const *secrets; /* members that are secret, whatever they say */
	const char *const *maps;    /* members whose own members have names that people wrote */
	const char *const *uuids;   /* members whose UUIDs say what, and not who */
	const struct codec_method *methods; /* ends with one without a name; NULL: none */
};

bool words_have(const char *const *list, struct slice word);

/* NULL: it has no such method, or no methods at all. */
const struct codec_method *words_method(const struct codec_words *words, struct slice name);

#endif

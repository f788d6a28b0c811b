/* mass_mention.h - what a person types to alert everybody: "@everyone", "@here", "@channel",
 * "@all",
 * "@room" in any case, and "<!everyone>" and the like. */
#ifndef CODECS_MODEL_MASS_MENTION_H
#define CODECS_MODEL_MASS_MENTION_H

#include <stddef.h>

#include "codecs/text/slice.h"

/* What stands in it where it is broken: a zero-width space. */
#define MASS_MENTION_BREAK     "\xe2\x80\x8b"
#define MASS_MENTION_BREAK_LEN 3

/* Where the next mass mention from at on is to be broken: behind its '@' or "<!". text.len: there
 * is none. */
size_t mass_mention_next(struct slice text, size_t at);

#endif

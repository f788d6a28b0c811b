/* matching.h - what a server called something in a capture, and what the stage calls it: found by
 * comparing frames that say the same. */
#ifndef BRIDGE_COMMAND_TRANSLATE_MATCHING_H
#define BRIDGE_COMMAND_TRANSLATE_MATCHING_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/text/json_value.h"
#include "codecs/text/json_write.h"
#include "codecs/text/slice.h"
#include "codecs/words.h"

/* Zeroed is empty. */
struct matching {
	struct matching_pair {
		struct slice then, now; /* owned: values as JSON */
	} * pairs;
	size_t count, size;
};

void matching_clear(struct matching *matching);

/* How well does a frame of then stand for one of now? Both are checked JSON, of the dialect of
 * those words. 0: not at all. */
size_t matching_alike(const struct codec_words *words, struct json_value then,
		      struct json_value now);

/* They are the same frame: whatever ids differ are the same thing. */
void matching_learn(struct matching *matching, const struct codec_words *words,
		    struct json_value then, struct json_value now);

/* Puts a frame of then with the names of now; secret: in place of REDACT_SECRET. */
void matching_put(const struct matching *matching, struct json_value then, struct slice secret,
		  struct json_writer *w);

#endif

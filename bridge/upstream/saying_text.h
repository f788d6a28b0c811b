/* saying_text.h - the text of what a relay says for others: who said it stands before it. Pure. */
#ifndef BRIDGE_UPSTREAM_SAYING_TEXT_H
#define BRIDGE_UPSTREAM_SAYING_TEXT_H

#include <stdbool.h>

#include "codecs/calls.h"
#include "codecs/model/envelope.h"
#include "codecs/text/json_write.h"
#include "conf/conf.h"

/* Appends the text of a message, an edit or a notice, with who it is of before each line of it (see
 * conf/table/nick_format.h): no line is read as somebody else's. Returns the bytes of the first
 * who.
 */
size_t saying_put_text(struct json_writer *w, const struct envelope *event, const char *format);

/* Is the event an action that such a server is told in words, for want of a form? A whisper has one
 * nowhere. */
bool saying_words_action(const struct codec_calls *calls, const struct envelope *event);

/* Appends text with what calls everybody (codecs/model/mass_mention.h) broken. */
void saying_put_calm(struct json_writer *w, struct slice text);

/* The bytes of that. */
size_t saying_calm_len(struct slice text);

/* A text that is cut into what a message there can hold. Each part but the first begins with who it
 * is of, as the first does already. */
struct text_cut {
	struct slice rest, who;
	size_t units;    /* UTF-16, of a message; 0: it can be of any length */
	unsigned number; /* of parts that were cut off */
};

/* who_len: bytes at the beginning of the text that say who it is of; where they take more than half
 * of a message they are not said again. Borrows. */
struct text_cut text_cut_begin(struct slice text, size_t who_len, size_t units);

/* Cuts the next part off: its bytes, with what is put before it. The last leaves no rest. */
size_t text_cut_next(struct text_cut *cut);

/* The same, and appends it. */
void text_cut_put(struct json_writer *w, struct text_cut *cut);

#endif

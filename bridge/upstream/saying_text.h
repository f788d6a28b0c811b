/* saying_text.h - the text of what a relay says for others: who said it stands before it. Pure. */
#ifndef BRIDGE_UPSTREAM_SAYING_TEXT_H
#define BRIDGE_UPSTREAM_SAYING_TEXT_H

#include <stdbool.h>

#include "codecs/calls.h"
#include "codecs/model/envelope.h"
#include "codecs/text/json_write.h"
#include "conf/conf.h"

/* Appends the text of a message, an edit or a notice as it is said for its author: format (see
 * conf/table/nick_format.h), then the text, of an action as "* NAME text". A notice has nobody. */
void saying_put_text(struct json_writer *w, const struct envelope *event, const char *format);

/* Is the event an action that such a server is told in words, for want of a form? A whisper has one
 * nowhere. */
bool saying_words_action(const struct codec_calls *calls, const struct envelope *event);

/* Appends text with what calls everybody ("@everyone", "@here", "@channel", "@all", "@room") broken
 * by a zero-width space behind the '@'. */
void saying_put_calm(struct json_writer *w, struct slice text);

#endif

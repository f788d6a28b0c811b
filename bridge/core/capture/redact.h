/* redact.h - frames without what people wrote, for a capture that can be given away.
 *
 * What is kept is what the protocols consist of: names of members that the dialect has, the values
 * of "type", "event" and "method", roles, ids that this server made or that are numbers, numbers
 * where a dialect wants some, true, false and null; "/me " and "http://" where a text begins so.
 * Every other string becomes one of the same shape and length: each letter another letter, each
 * digit another digit; the same text becomes the same one within a capture, whatever its case, and
 * nobody can tell which it was. Secrets become "[secret]", also where bodies are kept. Pure; any
 * thread.
 */
#ifndef BRIDGE_CORE_CAPTURE_REDACT_H
#define BRIDGE_CORE_CAPTURE_REDACT_H

#include <stdbool.h>

#include "codecs/model/identity.h"
#include "codecs/text/json_write.h"
#include "codecs/text/slice.h"
#include "codecs/words.h"

#define REDACT_SECRET "[secret]"

struct redactor {
	struct id_key key;        /* of this capture: nobody else knows it */
	const struct id_key *ids; /* of the server's own ids; borrowed */
	bool bodies;              /* what people wrote is kept */
};

/* Puts a frame (borrows) as one value. words: of its dialect; NULL: nothing is known of it.
 * before_login: of such a one not even a body is kept. What is no JSON becomes a string. */
void redact_frame(const struct redactor *redactor, const struct codec_words *words,
		  struct slice text, bool before_login, struct json_writer *w);

/* Is it an id that this server made, or a number? Such stay. */
bool redact_is_id(const struct redactor *redactor, struct slice text);

/* Puts a name, as it stands in frames. */
void redact_name(const struct redactor *redactor, struct slice name, struct json_writer *w);

#endif

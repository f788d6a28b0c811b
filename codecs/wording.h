/* wording.h - the few phrases that several dialects, and the bridge, word alike. Called by codecs
 * and by the words of routes/deliver; pure. */
#ifndef CODECS_WORDING_H
#define CODECS_WORDING_H

#include <stddef.h>
#include <string.h>

#include "codecs/codec.h"
#include "codecs/model/envelope.h"
#include "codecs/model/frame.h"
#include "codecs/text/json_write.h"
#include "codecs/text/reason.h"

/* Appends a constant run of JSON, whose syntax the caller answers for; a value written after it
 * gets no comma from the writer. Inlined, so that the length is known where it is copied. */
static inline __attribute__((always_inline)) void wording_template(struct json_writer *w,
								   const char *json, size_t len)
{
	if (w->cap - w->len >= len) {
		memcpy(w->data + w->len, json, len);
		w->len += len;
	} else {
		json_put_literal(w, json, len);
	}
	w->comma = false;
}

/* The same for a string literal. */
#define WORDING_TEMPLATE(w, literal) wording_template((w), "" literal, sizeof(literal) - 1)

/* Writes a duration as people read it ("1m15s", "250ms"; "0s" for none) to out; returns its length.
 */
#define WORDING_DURATION_MAX 48
size_t wording_duration(uint64_t ms, char out[WORDING_DURATION_MAX]);

/* Writes the text of a message, between quotes that the caller wrote, for a dialect that has no
 * word for actions: one by ann becomes "*ann waves*". */
void wording_message(struct json_writer *w, const struct envelope *message);

/* The same for the new text of an edit, whose writer is the subject. */
void wording_edit(struct json_writer *w, const struct envelope *edit);

/* What a server of that dialect said besides (event->extra), where an event came from one: a comma
 * and the members. Between others, or before the end of an object. */
void wording_extra(struct json_writer *w, const struct envelope *event, const char *dialect);

/* The trail of an event (model/trail.h) that is told to another Dragoman by itself, in the object
 * whose '}' was written last. */
void wording_trail(struct json_writer *w, const struct envelope *event,
		   const struct codec_view *view);

/* The frame of KIND_OPAQUE, as it came from a server of that dialect. Returns new; NULL: it came
 * from elsewhere. */
struct frame *wording_opaque(const struct envelope *event, enum framing framing,
			     const char *dialect);

/* The sentence that tells a person why: the one that came with the refusal, or the reason's own.
 * Borrows from reply. */
struct slice wording_why(const struct codec_reply *reply);

/* The reply of codec_ops for a dialect whose documents have no word for a refusal: a frame
 * {"type":"error","error":"<code>","message":"<sentence>"}, which its real clients ignore. Nothing
 * for other replies, and for a strict peer. */
enum codec_status wording_reply(struct codec_peer *peer, const struct codec_reply *reply,
				struct frame **out);

#endif

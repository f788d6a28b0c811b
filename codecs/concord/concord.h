/* concord.h - what the files of the concord codec share. Nothing outside codecs/concord includes
 * it.
 *
 * codec.c  the table, the handshake      decode.c  a frame to a draft
 * encode.c an envelope to messages       http.c    the door, whose parts rest.h names
 *
 * What a frame is answered with is an error or nothing: codecs/wording.h. */
#ifndef CODECS_CONCORD_CONCORD_H
#define CODECS_CONCORD_CONCORD_H

#include "codecs/carries.h"
#include "codecs/codec.h"
#include "codecs/text/json_read.h"
#include "codecs/text/json_write.h"
#include "codecs/words.h"

extern const struct codec_http concord_http;       /* http.c */
extern const struct codec_calls concord_calls;     /* calls_table.c */
extern const struct carries_row concord_carries[]; /* carries.c */
extern const struct codec_words concord_words;     /* words.c */

/* ---- codec_ops, see codec.h ---- */
enum reason concord_decode(struct codec_peer *peer, struct slice text, struct codec_sink *sink);
enum codec_status concord_encode(const struct envelope *event, const struct codec_view *view,
				 const struct form *form, enum audience audience,
				 uint32_t muted_events, struct frame **out);
enum codec_status concord_room(const struct codec_view *view, const struct form *form, bool there,
			       struct frame **out);

/* ---- what frames and bodies of requests share ---- */

/* A member as lenient as the real server reads it. Numbers: absent and null are 0, a fraction is
 * cut off, digits in quotes count. False: it is none, or beyond an int64. */
bool concord_read_long(const struct json_object *object, const char *name, int64_t *out)
    __attribute__((warn_unused_result));
bool concord_read_boolean(const struct json_object *object, const char *name, bool *out)
    __attribute__((warn_unused_result));

/* Sets event->text to a member: scalars count as their own text. scratch: room for as many bytes
 * as the member has. REASON_EMPTY, REASON_BAD_ARGUMENT. */
enum reason concord_read_text(const struct json_object *object, const char *name, char *scratch,
			      struct envelope *event);

/* A draft of that kind, of this dialect. */
void concord_start_draft(struct codec_draft *draft, enum envelope_kind kind);

/* {"id":...,"reactions":{...}}: a message as all of the dialect show it. Appends it without a comma
 * before it. */
void concord_write_chat(struct json_writer *w, const struct envelope *event,
			const struct codec_view *view, uint32_t author);

/* {"id":...,"createdByUserId":...}: a channel, as channel_created and who makes one have it. */
void concord_write_channel(struct json_writer *w, const struct codec_view *view);

#endif

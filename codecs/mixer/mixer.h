/* mixer.h - what the files of the mixer codec share. Nothing outside codecs/mixer includes it.
 *
 * codec.c  the table, the handshake          shapes.c  JSON shapes that events and replies share
 * decode.c a frame to a method, the session  encode.c  an envelope to events
 * methods.c what is asked of a room          reply.c   answers and errors
 * http.c    the door, whose parts rest.h names  link.h    the client's side */
#ifndef CODECS_MIXER_MIXER_H
#define CODECS_MIXER_MIXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/carries.h"
#include "codecs/codec.h"
#include "codecs/text/json_read.h"
#include "codecs/text/json_write.h"
#include "codecs/text/name.h"
#include "codecs/wording.h"
#include "codecs/words.h"

#define MIXER_TEXT_MAX       360 /* UTF-16 units of a message, a question, an option */
#define MIXER_ID_BYTES_MAX   256 /* of a request id, as JSON text */
#define MIXER_HISTORY_MAX    100 /* messages asked for at once */
#define MIXER_TIMEOUT_MAX_S  31536000
#define MIXER_POLL_MAX_S     86400
#define MIXER_NAME_BYTES_MAX (2 * NAME_BYTES_MAX) /* of ?name=, before it is cleaned */

/* The dialect's events, as bits: frame.events, codec_peer.muted_events. */
enum mixer_event {
	MIXER_CHAT_MESSAGE,
	MIXER_USER_JOIN,
	MIXER_USER_LEAVE,
	MIXER_USER_UPDATE,
	MIXER_USER_TIMEOUT,
	MIXER_DELETE_MESSAGE,
	MIXER_PURGE_MESSAGE,
	MIXER_CLEAR_MESSAGES,
	MIXER_POLL_START,
	MIXER_POLL_END,
	MIXER_EVENTS
};

struct mixer_state {
	uint64_t auth; /* keyed hash of the auth that was asked for last: see mixer_auth() */
	char *name; /* what the handshake brought, until somebody is logged in; owned; NULL: none */
	size_t name_len;
};

extern const struct codec_http mixer_http;       /* http.c */
extern const struct codec_calls mixer_calls;     /* calls.c */
extern const struct carries_row mixer_carries[]; /* carries.c */
extern const struct codec_words mixer_words;     /* words.c */

/* ---- codec_ops, see codec.h ---- */
enum reason mixer_decode(struct codec_peer *peer, struct slice text, struct codec_sink *sink);
enum codec_status mixer_encode(const struct envelope *event, const struct codec_view *view,
			       const struct form *form, enum audience audience,
			       uint32_t muted_events, struct frame **out);
enum codec_status mixer_reply(struct codec_peer *peer, const struct codec_reply *reply,
			      struct frame **out);

/* Frees the name that the handshake brought: few keep it, many stay. Also codec_ops.close. */
void mixer_forget_name(struct codec_peer *peer);

/* The bit of the event of that name ("UserJoin"), 0 when there is none of ours. */
uint32_t mixer_event_find(struct slice name);

/* ---- methods: struct verb.handle, for the table in decode.c ---- */
enum reason mixer_msg(struct codec_peer *, const struct json_object *, struct codec_sink *);
enum reason mixer_whisper(struct codec_peer *, const struct json_object *, struct codec_sink *);
enum reason mixer_history(struct codec_peer *, const struct json_object *, struct codec_sink *);
enum reason mixer_delete(struct codec_peer *, const struct json_object *, struct codec_sink *);
enum reason mixer_clear(struct codec_peer *, const struct json_object *, struct codec_sink *);
enum reason mixer_purge(struct codec_peer *, const struct json_object *, struct codec_sink *);
enum reason mixer_timeout(struct codec_peer *, const struct json_object *, struct codec_sink *);
enum reason mixer_vote_start(struct codec_peer *, const struct json_object *, struct codec_sink *);
enum reason mixer_vote_choose(struct codec_peer *, const struct json_object *, struct codec_sink *);

/* json_member(), inlined: with a constant name it costs a third. */
static inline struct json_value mixer_member(const struct json_object *frame, struct slice name)
{
	for (size_t i = 0; i < frame->count; i++)
		if (slice_equal(frame->members[i].name, name))
			return frame->members[i].value;
	return (struct json_value){ .type = JSON_ABSENT };
}

/* The first count arguments of a method frame; those not sent are JSON_ABSENT, those after them
 * ignored, a missing or null list is empty. False when the list is something else. Borrows. */
bool mixer_arguments(const struct json_object *frame, struct json_value *values, size_t count)
    __attribute__((warn_unused_result));

/* Was the argument left out, or null? */
static inline bool mixer_is_nothing(struct json_value value)
{
	return value.type == JSON_ABSENT || value.type == JSON_NULL;
}

/* Seconds in "30s", "1m15s", "2h", "1d": each unit once, either case; or in a bare "30". False
 * for anything else, for nothing and for more than most. */
bool mixer_seconds(struct slice text, uint64_t most, uint64_t *seconds)
    __attribute__((warn_unused_result));

/* Unescapes several strings of one frame into its peer's scratch memory, one behind the other:
 * together they are never longer than the frame. */
struct mixer_scratch {
	char *free;
	bool replaced; /* a lone surrogate escape became U+FFFD */
};

/* json_text() of one value. Absent when it is not a string. Borrows from frame and scratch. */
static inline struct slice mixer_take_text(struct mixer_scratch *scratch, struct json_value value)
{
	struct slice text = json_text(value, scratch->free, &scratch->replaced);

	scratch->free += value.source.len;
	return text;
}

/* ---- shapes: values for a place where no comma is wanted, as after WORDING_TEMPLATE ---- */

/* ["Mod","User"], the highest role first. */
void mixer_write_roles(struct json_writer *w, uint32_t roles);

/* The bits of an array of such names; 0: none, or it is no array. scratch: room for the longest. */
uint32_t mixer_read_roles(struct json_value list, char *scratch);

/* What a person of these roles may do, as permission strings. */
void mixer_write_permissions(struct json_writer *w, uint32_t roles);

/* "id":"uuid" of a message, and a comma. */
void mixer_write_message_id(struct json_writer *w, const struct codec_view *view, uint64_t id);

/* {"user_name":..,"user_id":..,"user_roles":[..]} and, when asked for, "user_level". */
void mixer_write_person(struct json_writer *w, const struct person *person, bool with_level);

/* So begins envelope.extra of a message whose meta had more than is modelled, before the members of
 * data; data itself has none of that name. */
#define MIXER_EXTRA_META "\"meta\":{"

/* The data of a ChatMessage, for a KIND_MESSAGE or KIND_NOTICE. */
void mixer_write_chat_message(struct json_writer *w, const struct envelope *event,
			      const struct codec_view *view);

/* Who did it: the author, or the bridge where there is none. Borrows. */
const struct person *mixer_actor(const struct envelope *event, const struct codec_view *view);

/* Payload bytes that a ChatMessage takes, roughly. */
size_t mixer_chat_message_size(const struct envelope *event);

/* The answer to auth: whether a user is logged in who may speak, and the roles. Returns new. */
struct frame *mixer_reply_login(const struct form *form, struct slice correlation,
				const struct person *self);

/* A successful reply. correlation: the request id as JSON text, absent: null is sent. data: JSON
 * text, absent: the key is left out. Returns new. */
struct frame *mixer_reply_done(const struct form *form, struct slice correlation,
			       struct slice data);

#endif

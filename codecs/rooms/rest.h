/* rest.h - the handlers of the rooms dialect's HTTP paths, and the JSON they share. For codecs/rooms
 * only.
 *
 * http.c       the table, who calls, refusals     rest_room.c    rooms and what is in them
 * rest_user.c  users and keys */
#ifndef CODECS_ROOMS_REST_H
#define CODECS_ROOMS_REST_H

#include "codecs/http.h"
#include "codecs/rooms/rooms.h"
#include "codecs/text/json_read.h"

/* codec_path.handle, for the table in http.c. */
typedef void rest_handle(struct codec_peer *peer, struct codec_call *call,
			 const struct codec_told *told, struct codec_want *want,
			 struct codec_answer *answer);

rest_handle rest_user_make, rest_user_rename, rest_user, rest_key_make, rest_key_revoke,
    rest_room_make, rest_room, rest_room_change, rest_room_remove, rest_users, rest_user_present,
    rest_user_invite, rest_user_remove, rest_admins, rest_admin_add, rest_admin_remove, rest_bans,
    rest_ban_add, rest_ban_remove, rest_owner, rest_owner_change;

/* {"error":"WORD"}, typed as the real server does. */
void rest_refuse(struct codec_answer *answer, unsigned status, struct slice word);

/* The same for what a handler was told: with the status of the reason. */
void rest_refuse_for(struct codec_answer *answer, enum reason reason);

/* The body, which has to be an object; an empty one is one without members. False: answered. */
bool rest_body(struct codec_peer *peer, const struct codec_call *call, struct json_object *object,
	       struct codec_answer *answer) __attribute__((warn_unused_result));

/* A member that is a text, in the peer's scratch memory; absent: there is none, or null. False: it
 * is no text, and answered. */
bool rest_text(struct codec_peer *peer, const struct json_object *object, const char *name,
	       struct slice *text, struct codec_answer *answer) __attribute__((warn_unused_result));

/* A member that is true or false; what *value is, if there is none. False: answered. */
bool rest_bool(const struct json_object *object, const char *name, bool *value,
	       struct codec_answer *answer) __attribute__((warn_unused_result));

/* The number of a person, of their UUID's text (any). False: it is nobody's. */
bool rest_person(const struct codec_peer *peer, struct slice text, uint32_t *number)
    __attribute__((warn_unused_result));

void rest_field_uuid(struct json_writer *w, const char *key, const unsigned char uuid[16]);

#endif

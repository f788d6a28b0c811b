/* rest.h - the handlers of the rooms dialect's HTTP paths, and the JSON they share. For
 * codecs/rooms only.
 *
 * http.c       the table, who calls, refusals     rest_room.c   rooms, and who is in them
 * rest_user.c  users and keys                     rest_deeds.c  what is done to somebody there */
#ifndef CODECS_ROOMS_REST_H
#define CODECS_ROOMS_REST_H

#include "codecs/http.h"
#include "codecs/rooms/rooms.h"
#include "codecs/text/json_read.h"

/* For the table in http.c. */
call_handle rooms_rest_user_make, rooms_rest_user_self, rooms_rest_user_rename, rooms_rest_user,
    rooms_rest_key_make, rooms_rest_key_revoke, rooms_rest_room_make, rooms_rest_room,
    rooms_rest_room_change, rooms_rest_room_remove, rooms_rest_users, rooms_rest_user_present,
    rooms_rest_user_invite, rooms_rest_user_remove, rooms_rest_admins, rooms_rest_admin_add,
    rooms_rest_admin_remove, rooms_rest_bans, rooms_rest_ban_add, rooms_rest_ban_remove,
    rooms_rest_owner, rooms_rest_owner_change;

/* {"error":"WORD"}, typed as the real server does. */
void rooms_rest_refuse(struct codec_answer *answer, unsigned status, struct slice word);

/* The same for what a handler was told: with the status of the reason. */
void rooms_rest_refuse_for(struct codec_answer *answer, enum reason reason);

/* Begins an answer of 200: an object, which the caller closes. Its members are in the order of
 * their names, as those of the real server. */
struct json_writer *rooms_rest_object(struct codec_answer *answer);

/* 204. */
void rooms_rest_no_content(struct codec_answer *answer);

/* Wants something of a room by its UUID, in whichever case. False: it is none, and answered. */
bool rooms_rest_want_room(struct slice id, enum want_kind kind, struct codec_want *want,
			  struct codec_answer *answer);

/* The body, which has to be an object; an empty one is one without members. False: answered. */
bool rooms_rest_body(struct codec_peer *peer, const struct codec_call *call,
		     struct json_object *object, struct codec_answer *answer)
    __attribute__((warn_unused_result));

/* A member that is a text, in the peer's scratch memory; absent: there is none, or null. False: it
 * is no text, and answered. */
bool rooms_rest_text(struct codec_peer *peer, const struct json_object *object, const char *name,
		     struct slice *text, struct codec_answer *answer)
    __attribute__((warn_unused_result));

/* A member that is true or false; what *value is, if there is none. False: answered. */
bool rooms_rest_bool(const struct json_object *object, const char *name, bool *value,
		     struct codec_answer *answer) __attribute__((warn_unused_result));

/* The number of a person, of their UUID's text (any). False: it is nobody's. */
bool rooms_rest_person(const struct codec_peer *peer, struct slice text, uint32_t *number)
    __attribute__((warn_unused_result));

void rooms_rest_field_uuid(struct json_writer *w, const char *key, const unsigned char uuid[16]);

#endif

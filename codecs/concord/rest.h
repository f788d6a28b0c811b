/* rest.h - the handlers of concord's HTTP paths, and the JSON they share. For codecs/concord only.
 *
 * http.c         the table, refusals           rest_channels.c  the tree of channels
 * rest_users.c   tokens, people, the server    rest_chats.c     what is said in one
 * rest_search.c  what was said
 *
 * Statuses and fields are those of the real server (ConcordServer at fdb0d57); where it does
 * otherwise than one would think, the handler says so. */
#ifndef CODECS_CONCORD_REST_H
#define CODECS_CONCORD_REST_H

#include "codecs/concord/concord.h"
#include "codecs/http.h"

/* For the table in http.c. */
call_handle concord_rest_token, concord_rest_recycle, concord_rest_register, concord_rest_users,
    concord_rest_user, concord_rest_self, concord_rest_server, concord_rest_channels,
    concord_rest_channel, concord_rest_channel_make, concord_rest_channel_remove,
    concord_rest_latest, concord_rest_search, concord_rest_say, concord_rest_chat,
    concord_rest_edit, concord_rest_delete, concord_rest_reactions, concord_rest_react,
    concord_rest_nowhere, concord_rest_not_here;

/* An error as the real server's framework has it. */
void concord_rest_refuse(const struct codec_peer *peer, const struct codec_call *call,
			 struct codec_answer *answer, unsigned status, struct slice text);

/* The same for what a handler was told. */
void concord_rest_refuse_for(const struct codec_peer *peer, const struct codec_call *call,
			     struct codec_answer *answer, const struct codec_told *told);

/* 200, and no body: of what the real server declares as void. */
void concord_rest_done(struct codec_answer *answer);

/* A whole text as a Java long. False: it is none. */
bool concord_rest_long(struct slice text, int64_t *value) __attribute__((warn_unused_result));

/* The number that is the path's part: a channel, a user, a chat. False, and answered with 400, when
 * it is none; the real server takes a Java long. 0: it is one that nothing has here. */
bool concord_rest_number(const struct codec_peer *peer, const struct codec_call *call,
			 uint64_t most, uint64_t *number, struct codec_answer *answer)
    __attribute__((warn_unused_result));

/* The body as an object. False, and answered with 400, when it is none. */
bool concord_rest_body(const struct codec_peer *peer, const struct codec_call *call,
		       struct json_object *object, struct codec_answer *answer)
    __attribute__((warn_unused_result));

/* Who said it: the bridge, where nobody did. */
uint32_t concord_rest_author(const struct envelope *event, const struct codec_view *view);

#endif

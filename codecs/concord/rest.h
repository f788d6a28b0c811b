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

/* codec_path.handle, for the table in http.c. */
typedef void rest_handle(struct codec_peer *peer, struct codec_call *call,
			 const struct codec_told *told, struct codec_want *want,
			 struct codec_answer *answer);

rest_handle rest_token, rest_recycle, rest_register, rest_users, rest_user, rest_self, rest_server,
    rest_channels, rest_channel, rest_channel_make, rest_channel_remove, rest_latest, rest_search,
    rest_say, rest_chat, rest_edit, rest_delete, rest_reactions, rest_react, rest_nowhere,
    rest_not_here;

/* An error as the real server's framework has it. */
void rest_refuse(const struct codec_peer *peer, const struct codec_call *call,
		 struct codec_answer *answer, unsigned status, struct slice text);

/* The same for what a handler was told. */
void rest_refuse_for(const struct codec_peer *peer, const struct codec_call *call,
		     struct codec_answer *answer, const struct codec_told *told);

/* 200, and no body: of what the real server declares as void. */
void rest_done(struct codec_answer *answer);

/* The number that is the path's part: a channel, a user, a chat. False, and answered with 400, when
 * it is none; the real server takes a Java long. 0: it is one that nothing has here. */
bool rest_number(const struct codec_peer *peer, const struct codec_call *call, uint64_t most,
		 uint64_t *number, struct codec_answer *answer) __attribute__((warn_unused_result));

/* The body as an object. False, and answered with 400, when it is none. */
bool rest_body(const struct codec_peer *peer, const struct codec_call *call,
	       struct json_object *object, struct codec_answer *answer)
    __attribute__((warn_unused_result));

/* Who said it: the bridge, where nobody did. */
uint32_t rest_author(const struct envelope *event, const struct codec_view *view);

#endif

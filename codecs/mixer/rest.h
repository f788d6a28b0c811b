/* rest.h - the handlers of mixer's HTTP paths, and the JSON they share. For codecs/mixer only.
 *
 * http.c  the table, refusals            rest_chat.c  chats and their messages
 * rest.c  users, channels              rest_oauth.c tokens */
#ifndef CODECS_MIXER_REST_H
#define CODECS_MIXER_REST_H

#include "codecs/http.h"
#include "codecs/mixer/mixer.h"

#define REST_V1 0 /* index of a prefix */

/* For the table in http.c. */
call_handle rest_user_current, rest_user_search, rest_user, rest_channel, rest_chat,
    rest_chat_users, rest_chat_user, rest_messages, rest_clear, rest_delete, rest_token,
    rest_shortcode, rest_shortcode_check;

/* An error with all keys that published clients look for. */
void rest_refuse(struct codec_answer *answer, unsigned status, struct slice text);

/* The same for what a handler was told. */
void rest_refuse_for(struct codec_answer *answer, const struct codec_told *told);

/* The room of the path's first part, which has to be a number: false, and answered, when it is
 * none.
 */
bool rest_channel_id(const struct codec_call *call, struct codec_want *want,
		     struct codec_answer *answer) __attribute__((warn_unused_result));

#endif

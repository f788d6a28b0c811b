#include "codecs/mixer/mixer.h"

#include "codecs/http.h"
#include "codecs/mixer/rest.h"

#define BODY_MAX 4096 /* of requests whose body is read, or is none of ours */

/* Both prefixes know the same, but for what v2 has dropped. */
static const char *const prefixes[] = { "/api/v1", "/api/v2", NULL };

/* What is asked by whom, of the published clients: contrib/doc/dialects.md. */
static const struct codec_path paths[] = {
	{ CALL_GET, "/users/current", CALLER_SOMEBODY, BODY_MAX, rest_user_current },
	{ CALL_GET, "/users/search", CALLER_MAYBE, BODY_MAX, rest_user_search },
	{ CALL_GET, "/users/{id}", CALLER_MAYBE, BODY_MAX, rest_user },
	{ CALL_GET, "/channels/{channel}", CALLER_MAYBE, BODY_MAX, rest_channel },
	{ CALL_GET, "/chats/{channel}", CALLER_MAYBE, BODY_MAX, rest_chat },
	{ CALL_GET, "/chats/{channel}/anonymous", CALLER_ANYBODY, BODY_MAX, rest_chat },
	{ CALL_GET, "/chats/{channel}/users", CALLER_MAYBE, BODY_MAX, rest_chat_users },
	{ CALL_GET, "/chats/{channel}/users/search", CALLER_MAYBE, BODY_MAX, rest_chat_users },
	{ CALL_GET, "/chats/{channel}/users/{id}", CALLER_MAYBE, BODY_MAX, rest_chat_user },
	{ CALL_GET, "/chats/{channel}/message", CALLER_SOMEBODY, BODY_MAX, rest_messages },
	{ CALL_DELETE, "/chats/{channel}/message", CALLER_SOMEBODY, BODY_MAX, rest_clear },
	{ CALL_DELETE, "/chats/{channel}/message/{id}", CALLER_SOMEBODY, BODY_MAX, rest_delete },
	{ CALL_POST, "/oauth/token", CALLER_ANYBODY, BODY_MAX, rest_token },
	{ CALL_POST, "/oauth/shortcode", CALLER_ANYBODY, BODY_MAX, rest_shortcode },
	{ CALL_GET, "/oauth/shortcode/check/{handle}", CALLER_ANYBODY, BODY_MAX,
	  rest_shortcode_check },
};

/* The status of a reason that a handler was told. */
static unsigned status_of(enum reason reason)
{
	return reason == REASON_UNKNOWN_VERB ? 404 : reason_status(reason);
}

/* The one code that was seen of the real server; of others nothing is known, and its own status
 * says what clients need. */
#define ERROR_UNAUTHORIZED 24317

void rest_refuse(struct codec_answer *answer, unsigned status, struct slice text)
{
	struct json_writer *w = answer_json(answer, status);

	json_object_open(w);
	json_field_unsigned(w, "errorCode", status == 401 ? ERROR_UNAUTHORIZED : status);
	json_field_string(w, "errorMessage", status == 401 ? status_phrase(status) : text);
	json_field_unsigned(w, "statusCode", status);
	json_field_string(w, "error", status_phrase(status));
	json_field_string(w, "message", text);
	json_object_close(w);
}

void rest_refuse_for(struct codec_answer *answer, const struct codec_told *told)
{
	rest_refuse(answer, status_of(told->reason), told_text(told));
}

static void refuse(struct codec_peer *peer, const struct codec_call *call, unsigned status,
		   enum reason reason, struct slice text, struct codec_answer *answer)
{
	(void)peer;
	(void)call;
	rest_refuse(answer, status ? status : status_of(reason), text);
}

const struct codec_http mixer_http = {
	.paths = paths,
	.path_count = sizeof(paths) / sizeof(paths[0]),
	.prefixes = prefixes,
	.claims_prefixes = true,
	.refuse = refuse,
};

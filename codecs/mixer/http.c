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
	switch (reason) {
	case REASON_NOT_LOGGED_IN:
	case REASON_BAD_LOGIN:
	case REASON_BAD_KEY:
	case REASON_NAME_TAKEN: return 401;
	case REASON_BANNED:
	case REASON_MUTED:
	case REASON_NO_RIGHT:
	case REASON_REFUSED:
	case REASON_CLOSED_ROOM:
	case REASON_NOT_MEMBER: return 403;
	case REASON_UNKNOWN_ROOM:
	case REASON_UNKNOWN_MESSAGE:
	case REASON_UNKNOWN_PERSON:
	case REASON_UNKNOWN_VERB: return 404;
	case REASON_RATE_LIMITED: return 429;
	case REASON_CLOSING:
	case REASON_BUSY:
	case REASON_NO_ANSWER:
	case REASON_UNSTORED: return 503;
	default: return 400;
	}
}

static struct slice phrase_of(unsigned status)
{
	switch (status) {
	case 400: return SLICE("Bad Request");
	case 401: return SLICE("Unauthorized");
	case 403: return SLICE("Forbidden");
	case 404: return SLICE("Not Found");
	case 405: return SLICE("Method Not Allowed");
	case 413: return SLICE("Content Too Large");
	case 429: return SLICE("Too Many Requests");
	case 500: return SLICE("Internal Server Error");
	case 501: return SLICE("Not Implemented");
	case 503: return SLICE("Service Unavailable");
	case 504: return SLICE("Gateway Timeout");
	default: return SLICE("Error");
	}
}

/* The one code that was seen of the real server; of others nothing is known, and its own status
 * says what clients need. */
#define ERROR_UNAUTHORIZED 24317

void rest_refuse(struct codec_answer *answer, unsigned status, struct slice text)
{
	struct json_writer *w = answer_json(answer, status);

	json_object_open(w);
	json_field_unsigned(w, "errorCode", status == 401 ? ERROR_UNAUTHORIZED : status);
	json_field_string(w, "errorMessage", status == 401 ? phrase_of(status) : text);
	json_field_unsigned(w, "statusCode", status);
	json_field_string(w, "error", phrase_of(status));
	json_field_string(w, "message", text);
	json_object_close(w);
}

void rest_refuse_for(struct codec_answer *answer, const struct codec_told *told)
{
	rest_refuse(answer, status_of(told->reason),
		    told->text.data ? told->text : slice_of(reason_text(told->reason)));
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

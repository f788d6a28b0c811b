#include "codecs/concord/rest.h"

#include <stdio.h>
#include <time.h>

#include "codecs/text/name.h"

#define BODY_MAX 65536

static const char *const prefixes[] = { "/api", NULL };

static const struct codec_path paths[] = {
	{ CALL_POST, "/tokens", CALLER_ANYBODY, BODY_MAX, concord_rest_token },
	{ CALL_GET, "/tokens/recycle", CALLER_SOMEBODY, BODY_MAX, concord_rest_recycle },
	{ CALL_POST, "/users/register", CALLER_ANYBODY, BODY_MAX, concord_rest_register },
	{ CALL_GET, "/users", CALLER_SOMEBODY, BODY_MAX, concord_rest_users },
	{ CALL_GET, "/users/{id}", CALLER_SOMEBODY, BODY_MAX, concord_rest_user },
	{ CALL_GET, "/self", CALLER_SOMEBODY, BODY_MAX, concord_rest_self },
	{ CALL_POST, "/self/avatar", CALLER_SOMEBODY, BODY_MAX, concord_rest_not_here },
	{ CALL_POST, "/self/password", CALLER_SOMEBODY, BODY_MAX, concord_rest_not_here },
	{ CALL_GET, "/server", CALLER_SOMEBODY, BODY_MAX, concord_rest_server },
	{ CALL_PATCH, "/server", CALLER_SOMEBODY, BODY_MAX, concord_rest_not_here },
	{ CALL_POST, "/server/icon", CALLER_SOMEBODY, BODY_MAX, concord_rest_not_here },
	{ CALL_GET, "/images/{id}", CALLER_SOMEBODY, BODY_MAX, concord_rest_nowhere },
	{ CALL_GET, "/channels", CALLER_SOMEBODY, BODY_MAX, concord_rest_channels },
	{ CALL_POST, "/channels", CALLER_SOMEBODY, BODY_MAX, concord_rest_channel_make },
	{ CALL_GET, "/channels/{id}", CALLER_SOMEBODY, BODY_MAX, concord_rest_channel },
	{ CALL_DELETE, "/channels/{id}", CALLER_SOMEBODY, BODY_MAX, concord_rest_channel_remove },
	{ CALL_GET, "/channels/{id}/chats/latest", CALLER_SOMEBODY, BODY_MAX, concord_rest_latest },
	{ CALL_POST, "/channels/{id}/chats", CALLER_SOMEBODY, BODY_MAX, concord_rest_say },
	{ CALL_GET, "/chats", CALLER_SOMEBODY, BODY_MAX, concord_rest_search },
	{ CALL_GET, "/chats/{id}", CALLER_SOMEBODY, BODY_MAX, concord_rest_chat },
	{ CALL_PATCH, "/chats/{id}", CALLER_SOMEBODY, BODY_MAX, concord_rest_edit },
	{ CALL_DELETE, "/chats/{id}", CALLER_SOMEBODY, BODY_MAX, concord_rest_delete },
	{ CALL_GET, "/chats/{id}/reactions", CALLER_SOMEBODY, BODY_MAX, concord_rest_reactions },
	{ CALL_POST, "/chats/{id}/reactions", CALLER_SOMEBODY, BODY_MAX, concord_rest_react },
};

/* ---- errors ---- */

static unsigned status_of(enum reason reason)
{
	switch (reason) {
	case REASON_NOT_LOGGED_IN:
	case REASON_BAD_LOGIN:
	case REASON_BAD_KEY: return 401;
	case REASON_BANNED:
	case REASON_MUTED:
	case REASON_NO_RIGHT:
	case REASON_REFUSED:
	case REASON_CLOSED_ROOM:
	case REASON_NOT_MEMBER: return 403;
	case REASON_UNKNOWN_ROOM:
	case REASON_UNKNOWN_MESSAGE:
	case REASON_UNKNOWN_PERSON: return 404;
	case REASON_RATE_LIMITED: return 429;
	case REASON_UNSUPPORTED: return 501;
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
	case 413: return SLICE("Payload Too Large");
	case 429: return SLICE("Too Many Requests");
	case 500: return SLICE("Internal Server Error");
	case 501: return SLICE("Not Implemented");
	case 503: return SLICE("Service Unavailable");
	case 504: return SLICE("Gateway Timeout");
	default: return SLICE("Error");
	}
}

/* "2021-10-10T12:00:00.000+00:00" */
static void write_time(struct json_writer *w, uint64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm = { 0 };
	char text[64];

	gmtime_r(&seconds, &tm);
	json_field_string(w, "timestamp",
			  slice_span(text, (size_t)snprintf(text, sizeof(text),
							    "%04d-%02d-%02dT%02d:%02d:%02d.%03u"
							    "+00:00",
							    tm.tm_year + 1900, tm.tm_mon + 1,
							    tm.tm_mday, tm.tm_hour, tm.tm_min,
							    tm.tm_sec, (unsigned)(ms % 1000))));
}

void concord_rest_refuse(const struct codec_peer *peer, const struct codec_call *call,
			 struct codec_answer *answer, unsigned status, struct slice text)
{
	struct json_writer *w = answer_json(answer, status);

	json_object_open(w);
	write_time(w, peer->now_ms);
	json_field_string(w, "path", text_is_utf8(call->path) ? call->path : SLICE(""));
	json_field_unsigned(w, "status", status);
	json_field_string(w, "error", phrase_of(status));
	json_field_string(w, "message", text);
	json_object_close(w);
	if (status != 401)
		return;
	json_put_literal(answer_header(answer, "WWW-Authenticate"), "Bearer", 6);
	answer_header_end(answer);
}

void concord_rest_refuse_for(const struct codec_peer *peer, const struct codec_call *call,
			     struct codec_answer *answer, const struct codec_told *told)
{
	concord_rest_refuse(peer, call, answer, status_of(told->reason),
			    told->text.data ? told->text : slice_of(reason_text(told->reason)));
}

static void refuse(struct codec_peer *peer, const struct codec_call *call, unsigned status,
		   enum reason reason, struct slice text, struct codec_answer *answer)
{
	concord_rest_refuse(peer, call, answer, status ? status : status_of(reason), text);
}

/* ---- what handlers share ---- */

void concord_rest_done(struct codec_answer *answer)
{
	answer->status = 200;
}

bool concord_rest_number(const struct codec_peer *peer, const struct codec_call *call,
			 uint64_t most, uint64_t *number, struct codec_answer *answer)
{
	struct slice text = call->parts[0];
	bool negative = text.len > 1 && *text.data == '-';

	if (negative)
		text = slice_span(text.data + 1, text.len - 1);
	if (!call_decimal(text, INT64_MAX, number)) {
		concord_rest_refuse(peer, call, answer, 400,
				    SLICE("the id in the path is not a number"));
		return false;
	}
	if (negative || *number > most)
		*number = 0;
	return true;
}

bool concord_rest_body(const struct codec_peer *peer, const struct codec_call *call,
		       struct json_object *object, struct codec_answer *answer)
{
	if (json_read(call->body, peer->json_depth, object) == JSON_OK)
		return true;
	concord_rest_refuse(peer, call, answer, 400, SLICE("the body is not a JSON object"));
	return false;
}

void concord_rest_nowhere(struct codec_peer *peer, struct codec_call *call,
			  const struct codec_told *told, struct codec_want *want,
			  struct codec_answer *answer)
{
	(void)told;
	(void)want;
	concord_rest_refuse(peer, call, answer, 404, SLICE("there are no images here"));
}

void concord_rest_not_here(struct codec_peer *peer, struct codec_call *call,
			   const struct codec_told *told, struct codec_want *want,
			   struct codec_answer *answer)
{
	(void)told;
	(void)want;
	concord_rest_refuse(peer, call, answer, 501,
			    SLICE("this cannot be changed by this request"));
}

const struct codec_http concord_http = {
	.paths = paths,
	.path_count = sizeof(paths) / sizeof(paths[0]),
	.prefixes = prefixes,
	.claims_prefixes = true,
	.speaks_absent = true,
	.refuse = refuse,
};

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

static struct slice phrase_of(unsigned status)
{
	return status == 413 ? SLICE("Payload Too Large") : status_phrase(status);
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
	concord_rest_refuse(peer, call, answer, reason_status(told->reason), told_text(told));
}

static void refuse(struct codec_peer *peer, const struct codec_call *call, unsigned status,
		   enum reason reason, struct slice text, struct codec_answer *answer)
{
	concord_rest_refuse(peer, call, answer, status ? status : reason_status(reason), text);
}

/* ---- what handlers share ---- */

void concord_rest_done(struct codec_answer *answer)
{
	answer->status = 200;
}

bool concord_rest_long(struct slice text, int64_t *value)
{
	bool negative = text.len > 1 && *text.data == '-';
	uint64_t digits;

	if (negative)
		text = slice_span(text.data + 1, text.len - 1);
	if (!call_decimal(text, (uint64_t)INT64_MAX + negative, &digits))
		return false;
	/* The least one is told apart from its neighbour by nothing here. */
	if (digits > INT64_MAX)
		digits = INT64_MAX;
	*value = negative ? -(int64_t)digits : (int64_t)digits;
	return true;
}

bool concord_rest_number(const struct codec_peer *peer, const struct codec_call *call,
			 uint64_t most, uint64_t *number, struct codec_answer *answer)
{
	int64_t value;

	if (!concord_rest_long(call->parts[0], &value)) {
		concord_rest_refuse(peer, call, answer, 400,
				    SLICE("the id in the path is not a number"));
		return false;
	}
	*number = value > 0 && (uint64_t)value <= most ? (uint64_t)value : 0;
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

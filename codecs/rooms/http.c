#include "codecs/http.h"

#include "codecs/credentials.h"
#include "codecs/rooms/rest.h"

#define BODY_MAX 16384

static const char *const prefixes[] = { "", NULL };

/* What the original says of its HTTP, and what of it the real server has:
 * contrib/doc/dialects.md, 3. Not in it: GET of /user, PUT and DELETE of /room/{room}. */
static const struct codec_path paths[] = {
	{ CALL_POST, "/user", CALLER_ANYBODY, BODY_MAX, rooms_rest_user_make },
	{ CALL_GET, "/user", CALLER_SOMEBODY, BODY_MAX, rooms_rest_user_self },
	{ CALL_PUT, "/user", CALLER_SOMEBODY, BODY_MAX, rooms_rest_user_rename },
	{ CALL_GET, "/user/{user}", CALLER_MAYBE, BODY_MAX, rooms_rest_user },
	{ CALL_POST, "/key", CALLER_ANYBODY, BODY_MAX, rooms_rest_key_make },
	{ CALL_DELETE, "/key", CALLER_ANYBODY, BODY_MAX, rooms_rest_key_revoke },
	{ CALL_POST, "/room", CALLER_SOMEBODY, BODY_MAX, rooms_rest_room_make },
	{ CALL_PUT, "/room", CALLER_SOMEBODY, BODY_MAX, rooms_rest_room_change },
	{ CALL_GET, "/room/{room}", CALLER_MAYBE, BODY_MAX, rooms_rest_room },
	{ CALL_PUT, "/room/{room}", CALLER_SOMEBODY, BODY_MAX, rooms_rest_room_change },
	{ CALL_DELETE, "/room/{room}", CALLER_SOMEBODY, BODY_MAX, rooms_rest_room_remove },
	{ CALL_GET, "/room/{room}/users", CALLER_MAYBE, BODY_MAX, rooms_rest_users },
	{ CALL_PUT, "/room/{room}/users", CALLER_SOMEBODY, BODY_MAX, rooms_rest_user_invite },
	{ CALL_DELETE, "/room/{room}/users", CALLER_SOMEBODY, BODY_MAX, rooms_rest_user_remove },
	{ CALL_GET, "/room/{room}/users/{user}", CALLER_MAYBE, BODY_MAX, rooms_rest_user_present },
	{ CALL_GET, "/room/{room}/admins", CALLER_MAYBE, BODY_MAX, rooms_rest_admins },
	{ CALL_PUT, "/room/{room}/admins", CALLER_SOMEBODY, BODY_MAX, rooms_rest_admin_add },
	{ CALL_DELETE, "/room/{room}/admins", CALLER_SOMEBODY, BODY_MAX, rooms_rest_admin_remove },
	{ CALL_GET, "/room/{room}/bans", CALLER_MAYBE, BODY_MAX, rooms_rest_bans },
	{ CALL_PUT, "/room/{room}/bans", CALLER_SOMEBODY, BODY_MAX, rooms_rest_ban_add },
	{ CALL_DELETE, "/room/{room}/bans", CALLER_SOMEBODY, BODY_MAX, rooms_rest_ban_remove },
	{ CALL_GET, "/room/{room}/owner", CALLER_MAYBE, BODY_MAX, rooms_rest_owner },
	{ CALL_POST, "/room/{room}/owner", CALLER_SOMEBODY, BODY_MAX, rooms_rest_owner_change },
};

/* ---- refusals ---- */

void rooms_rest_refuse(struct codec_answer *answer, unsigned status, struct slice word)
{
	struct json_writer *w = answer_json(answer, status);

	answer->type = SLICE("text/plain; charset=utf-8");
	json_object_open(w);
	json_field_string(w, "error", word);
	json_object_close(w);
	json_put_literal(w, "\n", 1);
}

/* The words are those of the real server, where it has one. */
static const struct refusal {
	uint16_t status;  /* 0: reason_status() */
	const char *word; /* NULL: the reason's own */
} refusals[REASONS] = {
	[REASON_NOT_LOGGED_IN] = { 0, "no_key" },
	[REASON_BAD_LOGIN] = { 0, "bad_key" },
	[REASON_BAD_KEY] = { 0, "bad_key" },
	[REASON_NAME_TAKEN] = { 0, "bad_key" },
	[REASON_ALREADY] = { 409, NULL },
	[REASON_UNKNOWN_ROOM] = { 0, "no_such_room" },
	[REASON_UNKNOWN_PERSON] = { 0, "no_such_user" },
	[REASON_MALFORMED] = { 0, "malformed_json" },
	[REASON_TOO_LONG] = { 413, NULL },
	[REASON_TOO_MANY] = { 503, NULL },
};

static unsigned status_of(enum reason reason)
{
	return refusals[reason].status ? refusals[reason].status : reason_status(reason);
}

static struct slice word_of(enum reason reason)
{
	const char *word = refusals[reason].word;

	return slice_of(word ? word : reason_code(reason));
}

void rooms_rest_refuse_for(struct codec_answer *answer, enum reason reason)
{
	rooms_rest_refuse(answer, status_of(reason), word_of(reason));
}

static bool is_of_rooms(struct slice path)
{
	while (path.len > 1 && path.data[1] == '/')
		path = slice_span(path.data + 1, path.len - 1);
	return slice_starts_with(path, "/room");
}

/* A key that is none is forbidden, not unauthorized, where the real server makes rooms. */
static unsigned status_for(const struct codec_call *call, unsigned status, enum reason reason)
{
	if (status == 401 && reason != REASON_NOT_LOGGED_IN && is_of_rooms(call->path))
		return 403;
	return status;
}

static void refuse(struct codec_peer *peer, const struct codec_call *call, unsigned status,
		   enum reason reason, struct slice text, struct codec_answer *answer)
{
	(void)peer;
	(void)text;
	if (status == 0)
		status = status_of(reason);
	if (status == 405)
		rooms_rest_refuse(answer, status, SLICE("bad_method"));
	else if (status == 500)
		rooms_rest_refuse(answer, status, SLICE("internal_err"));
	else
		rooms_rest_refuse(answer, status_for(call, status, reason), word_of(reason));
}

/* ---- other answers ---- */

/* Go writes the members of an object in the order of their names. */
struct json_writer *rooms_rest_object(struct codec_answer *answer)
{
	struct json_writer *w = answer_json(answer, 200);

	answer->type = SLICE("application/json");
	json_object_open(w);
	return w;
}

void rooms_rest_no_content(struct codec_answer *answer)
{
	answer_clear_body(answer);
	answer->status = 204;
}

/* ---- who calls ---- */

/* As at the socket: a key that was issued, or what a guest and an account are let in by there. */
static enum reason identify(struct codec_peer *peer, const struct codec_call *call,
			    struct codec_login *login)
{
	struct slice key = call_parameter(peer, call, "key");

	if (!key.data)
		return credentials_parameter(call->query, "key").len > 0 ? REASON_BAD_LOGIN
									 : REASON_NONE;
	if (key.len == 0)
		return REASON_NONE;
	if (!credentials_split(key, login))
		return REASON_BAD_LOGIN;
	login->token = key;
	return REASON_NONE;
}

const struct codec_http rooms_http = {
	.paths = paths,
	.path_count = sizeof(paths) / sizeof(paths[0]),
	.prefixes = prefixes,
	/* Nothing is said by HTTP: who manages a room need not be in it. */
	.speaks_absent = true,
	.identify = identify,
	.refuse = refuse,
};

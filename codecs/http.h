/* http.h - the door of a dialect: what its clients ask by HTTP before, beside or in place of their
 * WebSocket. Requests and answers are data; a codec stays pure.
 *
 * A call is one request. codec.http has a table of paths. The handler of the path is called with
 * nothing told (WANT_NOTHING); then it either answers, or says in *want what it wants to know or
 * have done, and is called again with what came of that. After CALL_STEPS_MAX of these the call is
 * answered with 500.
 *
 *     GET /api/v1/channels/lobby   handler: want.kind = WANT_ROOM, want.room = "lobby"
 *     ... the room's home answers ...
 *                                  handler: told->rooms[0]; answer_json(), 200
 *
 * Who the caller is, is known before the handler runs: peer->self, as peer->logged_in says. What
 * is answered is one whole answer: a status, a type, a body, maybe more headers.
 *
 * The bridge does all else, and words it by refuse(): 401, 404, 405 with Allow, 413, 429, 503, 504.
 * HEAD is GET, whose body is left out on the way. bridge/doors carries wants out: to add a kind,
 * add it here, and a row in bridge/doors/wants.c. */
#ifndef CODECS_HTTP_H
#define CODECS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/codec.h"
#include "codecs/text/json_write.h"
#include "codecs/text/slice.h"

struct json_object;

#define CALL_PARTS_MAX  4     /* places of a pattern */
#define CALL_STEPS_MAX  6     /* times that a handler may want something */
#define CALL_NOTES      4     /* numbers that a handler keeps from step to step */
#define CALL_LISTED_MAX 10000 /* people, rooms or messages in one answer */
#define ANSWER_HEADERS  4

enum call_method { CALL_GET, CALL_POST, CALL_PUT, CALL_PATCH, CALL_DELETE, CALL_METHODS };

/* "GET", ... Constant. */
struct slice call_method_text(enum call_method method);

/* ---- a request ---- */

/* Borrows; valid until it is answered, through all steps. */
struct codec_call {
	enum call_method method;
	struct slice path;                  /* as it came, still escaped */
	struct slice query;                 /* the same; absent: none */
	struct slice parts[CALL_PARTS_MAX]; /* what stands at the pattern's places, in order:
					     * unescaped, UTF-8, no control characters, not empty */
	size_t part_count;
	size_t prefix;              /* index of the one that it came by */
	struct slice body;          /* may be empty */
	struct slice media;         /* Content-Type; absent: none */
	struct slice authorization; /* the header; absent: none */
	struct slice base_url;      /* "https://chat.example:8443", as the client reached us */
	struct slice socket_url;    /* "wss://chat.example:8443/mixer": of the mount */
	uint64_t notes[CALL_NOTES]; /* the handler's own; zero at first */
	uint64_t nonce;             /* another one in each call, which no client can guess */
};

/* The unescaped value of a parameter of the query ('+' is a space), in the peer's scratch memory,
 * of which there is enough for each parameter once in each call of a handler. Absent: there is
 * none, or it is not UTF-8. Borrows. */
struct slice call_parameter(struct codec_peer *peer, const struct codec_call *call,
			    const char *name);

/* The same as a number; the fallback: there is none, or it is none. What is out of range is the
 * nearest that is not. */
uint64_t call_number(struct codec_peer *peer, const struct codec_call *call, const char *name,
		     uint64_t least, uint64_t most, uint64_t fallback);

/* The same of a body of application/x-www-form-urlencoded. */
struct slice call_form(struct codec_peer *peer, const struct codec_call *call, const char *name);

/* A member of a body that is a text; absent: there is none, or it is no text. As
 * call_parameter(). */
struct slice call_member(struct codec_peer *peer, const struct json_object *object,
			 const char *name);

/* A whole text as a decimal number. False, and *value is 0: it is none, or above most. */
bool call_decimal(struct slice text, uint64_t most, uint64_t *value)
    __attribute__((warn_unused_result));

/* ---- what a handler wants ---- */

enum want_kind {
	WANT_NOTHING,
	/* One room, as its home knows it, and what the caller is there: rooms[0]. With number or
	 * name set, what that person is there. REASON_UNKNOWN_ROOM. */
	WANT_ROOM,
	/* All rooms of the server: the views only, from offset, at most count; total. mine: those
	 * that the caller may enter. */
	WANT_ROOMS,
	/* Who is in a room, from offset, at most count: people; total; rooms[0] as of WANT_ROOM. */
	WANT_MEMBERS,
	/* What was said in a room last, at most count, oldest first: history; rooms[0] as of
	 * WANT_ROOM. Only for who is there, or where speaks_absent says so for who may enter; else
	 * REASON_NOT_MEMBER, or why not. before: only what has a lesser id; 0: all.
	 * mine: in all rooms for which that holds, as far as they remember it: history, and of
	 * each its room: rooms[i], the view only. */
	WANT_HISTORY,
	/* One person by number, else by name, whoever has an account or is connected: people[0].
	 * REASON_UNKNOWN_PERSON. */
	WANT_PERSON,
	/* Everybody of whom that holds, by number, from offset, at most count; with name: whose
	 * folded name begins so: people; total.
	 * mine: and whoever wrote what the caller may read in some room, and whom backends speak
	 * as. With number: this one alone. */
	WANT_PEOPLE,
	/* draft is to happen, in the caller's name; its room as of codec_draft, or rooms by name.
	 * Told when it is ordered: event, NULL when nothing changed. */
	WANT_DRAFT,
	/* login is judged as a socket's would be; from then on peer->self is that person. */
	WANT_LOGIN,
	/* A key with which a socket of this dialect may log in as the caller: key. It expires, and
	 * cannot be revoked; but for bearer, and lasting: that one holds until it is revoked. */
	WANT_KEY,
	/* login.token is void from now on. REASON_BAD_LOGIN: it was already. */
	WANT_KEY_END,
	/* An account is made: of login.name, or of that with a number added where it is taken or no
	 * name, and of login.secret; exact: REASON_NAME_TAKEN, _BAD_ARGUMENT. From then on
	 * peer->self is that person: people[0]. It lasts once that is told. REASON_NO_RIGHT: not at
	 * this mount; _TOO_MANY: there are as many as may be. */
	WANT_ACCOUNT,
	/* A room is made, of which the caller is the owner: named room, or that with a number added
	 * where it is taken; exact: REASON_NAME_TAKEN. open: anybody may enter. rooms[0]; it lasts
	 * once that is told. REASON_NO_RIGHT, _TOO_MANY as above. */
	WANT_ROOM_MAKE,
	/* A room that was made so is open, or not, from now on: rooms[0]. For who moderates there.
	 * REASON_NO_RIGHT; _CLOSED_ROOM, _BANNED: who asks could not even enter; _UNSUPPORTED: the
	 * configuration has the room. */
	WANT_ROOM_OPEN,
	/* A room that was made so is no more. For its owner, and the server's staff. The same. */
	WANT_ROOM_REMOVE,
	/* Who may moderate in a room whenever they come, its owner left out; or who is banned
	 * there: from offset, at most count: people, by number; total; rooms[0] as of WANT_ROOM. */
	WANT_ADMINS,
	WANT_BANS,
	/* The message of that id, target, as it is now: history[0], unless its words are not kept;
	 * rooms[0], of which only the view is; who reacted, at most count: reactors. As
	 * WANT_HISTORY; one of a room that the caller may not read is none.
	 * REASON_UNKNOWN_MESSAGE. */
	WANT_MESSAGE,
	/* Nothing, until the mount's tree_delay_ms are over. */
	WANT_PAUSE,
	WANT_KINDS
};

/* Borrows until the handler is called again, but for what lies on its stack: that is copied. */
struct codec_want {
	enum want_kind kind;
	uint64_t room_number; /* as in codec_draft; or ... */
	struct slice room_id; /* ... */
	struct slice room;    /* ... the room's own name; none of these: the mount's room */
	uint32_t number;      /* a person; 0: none */
	struct slice name;
	size_t offset, count;
	bool open, exact, lasting, bearer, mine;
	uint64_t before, target; /* ids of messages; 0: none */
	struct codec_draft draft;
	struct codec_login login;
};

/* ---- what it is told ---- */

/* A room, as its home answers, and what somebody is there. Of WANT_ROOMS the view alone. */
struct codec_room {
	const struct codec_view *view;
	bool open;
	uint32_t people; /* who are there, readers left out */
	bool present, banned, muted;
	bool may_enter; /* is there, or could come in now */
	bool invited;   /* into a closed room */
	bool admin;     /* moderates there whenever they come; the owner too */
	uint32_t roles; /* in the room; 0: of a reader */
	/* The caller, whoever was asked about: */
	bool caller_may_enter, caller_banned;
	uint32_t caller_roles;
	struct person owner; /* number 0: it has none */
};

/* Why the caller is not told who is there: REASON_BANNED, REASON_CLOSED_ROOM; REASON_NONE: they
 * are. */
enum reason call_hidden(const struct codec_room *room);

struct codec_somebody {
	struct person person;
	bool account;         /* lasts */
	uint32_t connections; /* 0: not online */
};

/* Who reacted how. */
struct codec_reactor {
	struct slice emoji;
	uint32_t person;
};

/* Borrows for the call. */
struct codec_told {
	enum want_kind kind; /* what was wanted; WANT_NOTHING: the call has just come */
	enum reason reason;  /* REASON_NONE: so it is, or was done */
	struct slice text;   /* else why, in somebody's own words; absent: reason_text() */
	const struct codec_room *rooms;
	size_t room_count;
	const struct codec_somebody *people;
	size_t people_count;
	size_t total; /* of WANT_ROOMS, _MEMBERS, _PEOPLE, _ADMINS, _BANS: how many in all */
	const struct envelope *const *history;
	size_t history_count;
	const struct codec_reactor *reactors; /* by emoji, in the order they were first used */
	size_t reactor_count;
	const struct envelope *event;
	struct slice key;
	uint64_t key_lasts_ms; /* of one that is neither lasting nor a bearer's */
};

/* ---- the answer ---- */

struct codec_answer {
	unsigned status;         /* 200 .. 599; 0: not answered */
	struct slice type;       /* of the body; constant */
	struct json_writer body; /* empty: there is none */
	size_t header_count;
	struct {
		const char *name; /* constant */
		size_t at, len;   /* of its value, in values */
	} headers[ANSWER_HEADERS];
	struct json_writer values;
};

/* The status of a reason that a handler was told, where the dialect has none of its own. */
unsigned reason_status(enum reason reason);

/* "Not Found", ...: of the statuses that refusals have; "Error" of others. Constant. */
struct slice status_phrase(unsigned status);

/* Why it was refused, for a person; never absent. Borrows from told. */
struct slice told_text(const struct codec_told *told);

/* Frees what it holds, and empties it. Zeroed is empty. */
void answer_clear_body(struct codec_answer *answer);

/* Begins an answer of JSON, in place of whatever was there. Returns where its body goes. */
struct json_writer *answer_json(struct codec_answer *answer, unsigned status);

/* Begins the value of one more header, of at most ANSWER_HEADERS; what is appended to the returned
 * writer (json_put_literal()) until answer_header_end() is its value. name: constant. */
struct json_writer *answer_header(struct codec_answer *answer, const char *name);
void answer_header_end(struct codec_answer *answer);

/* The value of a header, borrowed. For bridge/doors and tests. */
struct slice answer_header_value(const struct codec_answer *answer, size_t index);

/* ---- the table ---- */

enum call_caller {
	CALLER_ANYBODY, /* credentials are not looked at */
	CALLER_MAYBE,   /* who shows some is who they say, or refused; who shows none is nobody */
	CALLER_SOMEBODY /* without valid credentials it is refused */
};

/* Fills in the answer, or want, which is zeroed. Neither: answered with 500. Borrows. */
typedef void call_handle(struct codec_peer *peer, struct codec_call *call,
			 const struct codec_told *told, struct codec_want *want,
			 struct codec_answer *answer);

/* One method of one path. */
struct codec_path {
	enum call_method method;
	/* "/chats/{id}/users", behind a prefix: "{...}" stands for any one part that is not empty.
	 * Of several rows that match, the first counts. Empty parts of a path are skipped, so that
	 * a '/' at its end, or two in a row, change nothing. */
	const char *pattern;
	enum call_caller caller;
	uint32_t body_max; /* bytes; beyond: 413. At most what http_body_bytes allows */
	call_handle *handle;
};

struct codec_http {
	const struct codec_path *paths;
	size_t path_count;
	/* "/api/v1", ...; ends with NULL. "" is one, too. */
	const char *const *prefixes;
	/* Whatever is below a prefix and in no row is answered in this dialect's form. "": not. */
	bool claims_prefixes;
	/* Who calls is heard in rooms they may enter without being there. */
	bool speaks_absent;
	/* Reads who the call is by, as codec_ops.handshake does: REASON_NONE with neither name nor
	 * token nor anonymous set: it does not say. NULL: call_credentials(). */
	enum reason (*identify)(struct codec_peer *, const struct codec_call *,
				struct codec_login *);
	/* Words a refusal. status: what HTTP has for it; 0: the dialect's own for that reason.
	 * text: why, for a person; never absent. peer->self: nobody's, unless a handler calls it.
	 * Sets answer->status. */
	void (*refuse)(struct codec_peer *, const struct codec_call *, unsigned status,
		       enum reason reason, struct slice text, struct codec_answer *answer);
};

/* "Bearer NAME:SECRET", "Bearer NAME", "Basic base64(NAME:SECRET)", whatever the case of the first
 * word; what follows it is login->token, too, of Bearer. What else stands there, or is not UTF-8,
 * is REASON_BAD_LOGIN. Borrows from the call and peer->scratch. */
enum reason call_credentials(struct codec_peer *peer, const struct codec_call *call,
			     struct codec_login *login);

/* Which rows a path meets. */
struct codec_match {
	uint32_t methods;                            /* bits: 1 << CALL_GET, ...; 0: none */
	size_t prefix;                               /* its index, if any row is met */
	const struct codec_path *rows[CALL_METHODS]; /* by method; NULL: none */
	size_t claim; /* bytes of the longest prefix that the path is below, where the dialect
		       * claims it; 0: it does not */
};

/* Finds out; path (borrows): still escaped, without query. */
struct codec_match codec_http_match(const struct codec_http *http, struct slice path);

/* Fills in call->parts, of a row that call->path has met. scratch: room for call->path.len bytes.
 * False: a part is escaped wrongly, not UTF-8, or has control characters. */
bool codec_http_parts(const struct codec_http *http, const struct codec_path *row,
		      struct codec_call *call, char *scratch) __attribute__((warn_unused_result));

/* Could a path meet rows of both? Returns a pattern (a row's, constant) of `one` that says so;
 * NULL: none. And one of a door that a mount's path would lie on. *prefix: that it stands behind.
 */
const char *codec_http_clash(const struct codec_http *one, const struct codec_http *other,
			     const char **prefix);
const char *codec_http_at(const struct codec_http *http, struct slice path, const char **prefix);

#endif

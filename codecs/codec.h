/* codec.h - the dialect interface: one frame in, envelopes out; one envelope in, one frame out.
 *
 * A codec is pure: no socket, clock, log or global but constant tables; it may be called on any
 * thread, for different peers at the same time. It knows no other dialect and no room but the
 * view it is given. What each dialect says, field by field: contrib/doc/dialects.md. */
#ifndef CODECS_CODEC_H
#define CODECS_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/model/frame.h"
#include "codecs/model/identity.h"
#include "codecs/text/reason.h"
#include "codecs/text/slice.h"

struct carries_row;
struct codec;
struct codec_calls;
struct codec_http;
struct codec_words;

/* What encoding needs to know of a room: immutable, one per room and dialect, alive as long as
 * the room. */
struct codec_view {
	const struct codec *codec;
	struct slice room;    /* canonical name, for people */
	struct slice room_id; /* this dialect's id of the room as text (NAMING_NUMBER: decimal;
			       * NAMING_NONE: empty) */
	uint64_t room_number; /* NAMING_NUMBER: the same as a number, else 0 */
	const struct id_key *ids;
	struct slice instance; /* a UUID text naming this server process (mixer WelcomeEvent) */
	struct person bridge;  /* who speaks when the bridge itself does */
	const uint8_t *rules;  /* by kind, enum codec_rule: how the room has it shown; NULL: as
				* codec.can. For routes/deliver/shown.h; no codec reads it */
	bool mass_mentions;    /* "@everyone" of other dialects goes through as it is; see
				* routes/deliver/calm.h, as above */
};

/* A kick says one thing to its victim, another to the rest. Everything that is not about a
 * person present is for OTHERS. ELSEWHERE: others who still see the subject in another room. */
enum audience { AUDIENCE_OTHERS, AUDIENCE_SUBJECT, AUDIENCE_ELSEWHERE, AUDIENCES };

/* What members must have in common, besides the dialect, to be sent the same bytes. */
struct form {
	enum framing framing;
	uint32_t capabilities; /* bits the dialect gives to what a client may ask for; 0: none */
};

/* So many forms of a dialect are shared; peers in none of them get frames of their own. */
#define CODEC_FORMS_MAX 4

/* One connection, as its codec sees it. The session owns it; everything is valid during a call. */
struct codec_peer {
	void *state;                   /* codec->state_size bytes, zeroed when the peer was made */
	const struct codec_view *view; /* the peer's default room; before login the mount's */
	struct form form;              /* of all it is sent; the framing is its connection's */
	struct person self;            /* number 0 until a login succeeded, and for a reader */
	uint32_t muted_events;         /* set by decode(): events this peer opted out of */
	bool logged_in;
	bool strict;              /* send nothing the dialect's documents do not have */
	bool dragoman;            /* another Dragoman, which is told trails (model/trail.h) */
	uint16_t json_depth;      /* limit on nesting */
	uint64_t now_ms;          /* ms since 1970 UTC */
	char *scratch;            /* room for as many bytes as the frame being decoded has */
	struct slice correlation; /* set by decode() before it returns a reason: what the
				   * refusal answers, as JSON text; borrows from the frame */
};

/* A chat event a peer asks for. Slices borrow from the frame and the scratch memory. */
struct codec_draft {
	struct envelope event; /* author, id, time and room are filled in by the bridge */
	uint64_t room_number;  /* the dialect's name of the room, as a number ... */
	struct slice room_id;  /* ... or as text; neither: the room of the target if there is
				* one, else the peer's default room */
};

/* Who a peer says it is. Everything borrows. */
struct codec_login {
	struct slice name;       /* as claimed; absent: none */
	struct slice secret;     /* password, authkey, what follows ':' in a token; absent: none */
	struct slice token;      /* a bearer token as it came, which name and secret may be read
				  * from, too; absent: none */
	uint64_t claimed_number; /* a user id the client brought, 0: none */
	bool anonymous;          /* wants to read only */
	uint64_t room_number;    /* the room asked for, as in codec_draft */
	struct slice room_id;
	struct slice correlation;
};

enum codec_query_kind { QUERY_HISTORY };

struct codec_query {
	enum codec_query_kind kind;
	uint32_t count; /* QUERY_HISTORY: at most so many, newest; oldest first in the answer */
	struct slice correlation;
};

/* Where decode() puts what it found. Each door copies or uses what it needs before it returns. */
struct codec_sink {
	void (*draft)(struct codec_sink *, const struct codec_draft *);
	void (*login)(struct codec_sink *, const struct codec_login *);
	void (*query)(struct codec_sink *, const struct codec_query *);
	void (*answer)(struct codec_sink *, struct frame *); /* takes; sent to this peer alone */
};

/* What the HTTP upgrade request said. Borrows. */
struct codec_handshake {
	struct slice path;          /* without the query */
	struct slice query;         /* raw, all that follows the first '?'; absent: none */
	struct slice authorization; /* the header's value; absent: none */
	bool dragoman;              /* it comes from another Dragoman, which says so */
	bool page; /* where a page is served, whose scripts can set no header: what else would
		    * stand in one may stand in the query */
};

/* An HTTP response that ends the connection; all of it constant. */
struct codec_response {
	unsigned status; /* 400 .. 599 */
	struct slice
	    header; /* one more line of the head ("WWW-Authenticate: Bearer"); absent: none */
	struct slice type; /* of the body; absent: not said */
	struct slice body; /* absent: the response is its status line alone */
};

enum codec_reply_kind {
	REPLY_DONE,    /* the draft is ordered; event is it */
	REPLY_REFUSED, /* reason says why, or text; event may be the refused draft */
	REPLY_LOGIN,   /* the login succeeded (peer->self, or a reader); sent after the peer's
			* own ENTER when the dialect orders it so */
	REPLY_HISTORY  /* history holds the messages, oldest first */
};

struct codec_reply {
	enum codec_reply_kind kind;
	enum reason reason;
	struct slice text;             /* REPLY_REFUSED: why, for a person; absent: reason_text() */
	struct slice correlation;      /* the request id as JSON text; absent: none was given */
	const struct envelope *event;  /* may be NULL */
	const struct codec_view *view; /* of the event's room; NULL: peer->view */
	const struct envelope *const *history;
	size_t history_count;
};

enum codec_status {
	CODEC_OK,
	CODEC_NOTHING /* no frame: the dialect has nothing to say here */
};

struct codec_ops {
	/* Reads the credentials of the upgrade request into login (borrows from the handshake,
	 * peer->scratch and peer->state). REASON_NONE with login->name or ->anonymous set: log in
	 * now. REASON_NONE with neither: the login comes in a frame. Else refuse(). */
	enum reason (*handshake)(struct codec_peer *, const struct codec_handshake *,
				 struct codec_login *);

	/* Refuses an upgrade for that reason. */
	struct codec_response (*refuse)(enum reason);

	/* The connection is open: greet. May be NULL. */
	void (*open)(struct codec_peer *, struct codec_sink *);

	/* Reads one whole message. REASON_NONE: what it meant went through the sink (or it means
	 * nothing and is ignored as the real server does). Else nothing went to the sink, and the
	 * session words the refusal with reply(), correlation taken from the peer. */
	enum reason (*decode)(struct codec_peer *, struct slice text, struct codec_sink *);

	/* Returns new in *out with CODEC_OK. Called for kinds whose rule is RULE_NATIVE only.
	 * The frame is framed as form says. muted_events: leave those events out (CODEC_NOTHING
	 * when none remain). No peer: the frame is shared by all members of the room who are sent
	 * that form. */
	enum codec_status (*encode)(const struct envelope *, const struct codec_view *,
				    const struct form *, enum audience, uint32_t muted_events,
				    struct frame **out);

	/* A room has come that the peer is in from now on, or is no more. Returns new in *out with
	 * CODEC_OK. NULL: nobody is told by that. */
	enum codec_status (*room)(const struct codec_view *, const struct form *, bool there,
				  struct frame **out);

	/* What one peer is told about its own request, in its form. Returns new in *out with
	 * CODEC_OK. */
	enum codec_status (*reply)(struct codec_peer *, const struct codec_reply *,
				   struct frame **out);

	/* An application-level ping, for a peer that was silent. May be NULL. */
	enum codec_status (*keepalive)(struct codec_peer *, struct frame **out);

	/* Frees what state points at. May be NULL. */
	void (*close)(struct codec_peer *);
};

/* How a kind is said in a dialect. */
enum codec_rule {
	RULE_DROP,   /* cannot be said; counted as dropped(no_word) */
	RULE_NATIVE, /* the dialect has a word for it: encode() */
	RULE_TEXT,   /* as a message of the author: see routes/deliver/degrade.h */
	RULE_ACTION, /* as an action ("/me") message of the author */
	RULE_NOTICE  /* as a notice of the bridge */
};

struct codec_capability {
	bool in;             /* a client can originate it */
	enum codec_rule out; /* how it is shown to a client */
	const char *why;     /* RULE_DROP: the reason; else NULL */
};

/* What a dialect calls a room. */
enum naming {
	NAMING_NONE,   /* its clients name no room */
	NAMING_NUMBER, /* codec_view.room_number */
	NAMING_UUID,   /* a UUID's text, in lower case, as room_id */
	NAMING_TEXT    /* any text, as room_id */
};

/* How rooms are named, and the directive of a room that says so in the configuration. What the
 * configuration leaves open is made from the room's name. All constant. */
struct codec_naming {
	enum naming form;
	const char *directive;   /* NULL for NAMING_NONE only */
	const char *help;        /* of the directive; whole sentences */
	const char *lobby;       /* the id of the sample's room, as written there; NULL: none */
	const char *word;        /* for people: "room lobby: WORD 1" */
	uint64_t number_max;     /* NAMING_NUMBER: 1 .. this, at most 2^63-1 */
	uint64_t number_derived; /* numbers made from a name: 1 .. this, a power of two */
};

/* How a user without an account tries the dialect by hand. All constant; may be NULL. */
struct codec_trial {
	const char *user;   /* "dee:x@", before the address */
	const char *query;  /* "?name=ann", behind the path */
	const char *frame;  /* the first to type; an '@' stands for the room's id */
	bool logs_in;       /* that frame is the login, for which time is short */
	const char *name;   /* of the user, as it stands in user or query */
	const char *number; /* the number that the frame claims for the user, as it stands there;
			     * NULL: none */
};

/* What a native form tells of a deed: what was done, and why. What it does not tell is told beside
 * it in words; see routes/deliver/shown.h. */
enum codec_tells { TELLS_DEED = 1 << 0, TELLS_REASON = 1 << 1 };

struct codec_telling {
	unsigned others, subject; /* enum codec_tells bits, for either audience */
};

struct codec {
	const char *name;
	size_t state_size;      /* zeroed bytes for each peer */
	bool answers_in_order;  /* answers come in the order of the requests, errors too */
	bool reply_before_echo; /* the reply to a message comes before its own echo */
	bool reads_binary;      /* JSON in binary frames is read; else they are closed with 1003 */
	bool keeps_private;     /* a private message can be shown to its addressee alone */
	bool shows_actions;     /* has a form for "/me"; else it is worded as text */
	bool draws_emotes;      /* its clients show PART_EMOTE as a picture; see model/emote.h */
	bool hears_every_room;  /* members of every room they may enter, without asking */
	bool tells_of_people; /* who comes and goes is told of people, not of rooms: ENTER and EXIT
			       * only of who is seen in no other room */
	bool cannot_follow;   /* its clients cannot come into a room they are invited to */
	bool kick_ends_session; /* a kicked peer is closed; else it only leaves the room */
	bool one_connection;    /* a name is connected once only, whatever secret is shown */
	bool forbids_history;   /* what its clients wrote is never kept as content */
	struct codec_naming naming;
	const char *const *mounts; /* paths of the sample's mounts, ends with NULL; NULL: none */
	struct codec_trial trial;
	struct form forms[CODEC_FORMS_MAX]; /* those whose frames are shared ... */
	unsigned form_count;                /* ... and how many they are, at least one */
	struct codec_capability can[ENVELOPE_KINDS];
	struct codec_telling tells[ENVELOPE_KINDS]; /* of kinds that are native */
	const struct carries_row *carries; /* codecs/carries.h: of each field; NULL: not declared */
	const struct codec_words *words; /* codecs/words.h; NULL: nothing is known of its frames */
	const struct codec_ops *serves;
	const struct codec_http *http;   /* codecs/http.h: its door; NULL: none */
	const struct codec_calls *calls; /* codecs/calls.h; NULL: we are no client of it */
};

#endif

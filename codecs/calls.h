/* calls.h - the calling side of a dialect: we are the client of a server that speaks it.
 *
 * A codec stays pure: it says what is to be asked or sent, and reads what came. bridge/upstream
 * carries that out, one link (one login, one WebSocket) at a time:
 *
 *     plan()      until it says CALL_CONNECT: requests of HTTP that a real client begins with
 *     open()      the WebSocket is there; frames to be sent at once
 *     decode()    each frame that comes; sink->up() once, when the login is done
 *     say()       an event of ours becomes a frame or a request
 *     answered()  what a request of say(), history() or the sink brought
 *
 * Whatever the server calls something (a message, a person, a room) is its "foreign" id: exact
 * text, never a number, so that no digit is lost. Texts of ids are at most FOREIGN_ID_MAX bytes;
 * longer ones are REASON_BAD_ARGUMENT. What real servers of each dialect do:
 * contrib/doc/dialects.md.
 *
 * Any thread, one at a time for each peer. */
#ifndef CODECS_CALLS_H
#define CODECS_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/http.h"

#define FOREIGN_ID_MAX 64 /* bytes */

/* ---- who we are there ---- */

/* Constant as long as the link. Borrows. */
struct call_account {
	struct slice url; /* where its HTTP begins: "https://chat.example/api/v1", without a '/'
			   * at its end; http or https */
	struct slice socket_path; /* of the WebSocket, behind the host of url: "/client"; absent:
				   * what the dialect has */
	struct slice user;        /* name or id; absent: none */
	struct slice secret;      /* password, token or key; absent: none. A token or a key alone
				   * has no user beside it */
	struct slice room;        /* the remote room: an id, or a name where the dialect has such;
				   * absent: whatever the dialect begins with */
	bool anonymous;           /* reads only */
};

/* Somebody there. Both absent: nobody. */
struct foreign_person {
	struct slice id;   /* mixer, concord: decimal; rooms: a UUID; simple: the name */
	struct slice name; /* for people; absent: not known (yet) */
	uint32_t roles;    /* enum person_role bits; 0: not said */
};

/* One login, as its codec sees it. Owned by the link; everything is valid during a call. */
struct call_peer {
	void *state; /* calls->state_size bytes, zeroed when the peer was made */
	const struct call_account *account;
	struct foreign_person self; /* as sink->up() said; absent before */
	bool aside; /* another login of ours hears the same, and tells of people: their names are
		     * not asked for by this one, sink->known() is not needed, and what is heard may
		     * lack names. It may change with each call */
	uint16_t json_depth; /* limit on nesting */
	uint64_t now_ms;     /* ms since 1970 UTC */
	char *scratch;       /* room for as many bytes as what is being read has, and 1024 */
};

/* ---- HTTP ---- */

/* A request. The codec appends to the writers (json_put_literal(), json_object_open() ...), which
 * are empty at first; who carries it out clears them. */
struct call_request {
	enum call_method method;
	struct json_writer path; /* appended to account->url: "/users/current?x=1", escaped */
	struct json_writer body; /* JSON; empty: none */
	struct json_writer authorization; /* value of the header; empty: none */
	uint32_t tag;                     /* the codec's own, 1 or more: comes back in the result */
};

/* What came of it. Borrows. */
struct call_result {
	uint32_t tag;
	unsigned status;   /* 200 .. 599; 0: no answer, for why */
	struct slice body; /* may be empty; bounded */
	struct slice why;  /* status 0: in words */
	bool more;         /* its header Link says that the list goes on: rel="next" */
};

/* Appends text to a path or a query, with whatever is not unreserved there escaped (RFC 3986). */
void call_put_escaped(struct json_writer *w, struct slice text);

/* "Bearer TOKEN", as an authorization. */
void call_put_bearer(struct call_request *request, struct slice token);

/* "Basic base64(USER:SECRET)", as an authorization; secret may be absent. */
void call_put_basic(struct json_writer *authorization, struct slice user, struct slice secret);

/* REASON_BAD_LOGIN of 401 and 403, _RATE_LIMITED of 429, _UNKNOWN_ROOM of 404, _NO_ANSWER of 0 and
 * what is 500 or more, _REFUSED of any other but 2xx (REASON_NONE). */
enum reason call_status_reason(unsigned status);

/* What such an answer is told with: words, if it has any; else, where the reason alone would not
 * say what is wrong (REASON_NO_ANSWER, _REFUSED), "It answered with the status 502"; else absent.
 * Borrows from words and peer->scratch. */
struct slice call_words(const struct call_peer *peer, enum reason reason, unsigned status,
			struct slice words);

/* Why a server that we call did not do something: text, if there is any, else as reason_text() has
 * it of such a server. Borrows. */
struct slice call_why(enum reason reason, struct slice text);

/* ---- the login ---- */

enum call_step {
	CALL_ASK,     /* plan->request, and call plan() again with what it brought */
	CALL_CONNECT, /* plan->socket_url, plan->authorization; then open() */
	CALL_REFUSED  /* plan->reason, plan->text: the server does not let us in. REASON_NO_ANSWER:
		       * it may later. Others: not as who we are */
};

/* What plan() fills in; the writers are empty before. */
struct call_plan {
	struct call_request request;
	struct json_writer socket_url;    /* absolute: "wss://host:port/path?query" */
	struct json_writer authorization; /* of the upgrade request; empty: none */
	enum reason reason;
	struct slice text; /* why, in the server's words; absent: reason_text(). Borrows from the
			    * result and peer->scratch */
};

/* "ws://host:port" or "wss://...", as account->url has scheme and host, then path. */
void call_put_socket_url(struct json_writer *w, const struct call_account *account,
			 struct slice path);

/* ---- what came ---- */

/* Something happened there. Slices borrow from the frame and peer->scratch. Where the dialect does
 * not tell who did something, author is nobody: what "echoes" is known again by kind, target and
 * text. */
struct call_heard {
	struct envelope event; /* kind, flags, text, parts, duration_ms, client_time_ms, reactions,
				* poll, choice. extra: see below. No id, author, subject, room,
				* target, and no number of whom a part mentions (but the name):
				* those are here: */
	struct foreign_person author, subject;
	struct slice id;     /* of the message; absent: it has none */
	struct slice target; /* of the message acted on; absent: none */
	struct slice room;   /* absent: the one we asked for */
	const struct slice *removed;
	size_t removed_count;
	bool late; /* it is of the history */
};

/* event.extra: what a frame says beyond what is modelled here, so that a client of the same dialect
 * is told it, too: members of the object that the serving side writes for such an event, without
 * braces (mixer: of data; concord: of chat, of others the frame itself; rooms and simple: of the
 * frame): "\"user_avatar\":\"...\",\"user_level\":3". Checked JSON, at most 4096 bytes, else
 * absent. KIND_OPAQUE: the frame as it came, of a type that is not modelled. */
#define CALL_EXTRA_MAX 4096

/* What became of something that say() put into words. */
struct call_settled {
	uint64_t serial;    /* of the call_said */
	enum reason reason; /* REASON_NONE: it is done there */
	struct slice text;  /* else why, in the server's words; absent: reason_text() */
	struct slice id;    /* of the message that it made; absent: not known */
};

struct call_sink {
	/* The login is done, and who we are: copied. Absent id: a reader. Something may be heard,
	 * and people be known, before. */
	void (*up)(struct call_sink *, const struct foreign_person *self);
	/* The login is refused by what came in the socket. */
	void (*refused)(struct call_sink *, enum reason reason, struct slice text);
	void (*heard)(struct call_sink *, const struct call_heard *);
	void (*settled)(struct call_sink *, const struct call_settled *);
	/* Somebody is there (or only known, as of a list of users), or is known no more. */
	void (*known)(struct call_sink *, const struct foreign_person *, bool online);
	/* A frame to be sent (borrows): whole JSON text. */
	void (*send)(struct call_sink *, struct slice frame);
	/* A request to be made, of which answered() hears with said NULL; takes what the writers
	 * hold. */
	void (*ask)(struct call_sink *, struct call_request *);
	/* All of the history that history() asked for was heard; count: how many messages;
	 * reaches: it goes back to the first message there ever was, which fewer than were asked
	 * for only say of a server that keeps all. */
	void (*history)(struct call_sink *, size_t count, bool reaches);
	/* Of what the codec is about to tell: which Dragomans it came through (model/trail.h). Set
	 * by the codec before each frame that it tells of, also one that waited; absent: none. */
	struct slice trail;
};

/* ---- what we say ---- */

/* An event of ours. All is borrowed. */
struct call_said {
	uint64_t serial; /* not 0; of its own as long as it is not settled; below 2^31 */
	const struct envelope *event; /* of a kind that can[] calls native */
	struct slice text;            /* what to say (KIND_MESSAGE, _EDIT): in place of event->text;
				       * within text_max */
	struct slice target;          /* foreign id of the message acted on; absent: none */
	struct foreign_person subject; /* whom it acts on; absent: nobody, or not known there */
};

/* When it counts as done. */
enum call_settling {
	SETTLES_REPLY,  /* decode() calls sink->settled() */
	SETTLES_ANSWER, /* answered() does */
	SETTLES_ECHO,   /* when it is heard as said by ourselves */
	SETTLES_SENT    /* at once: nothing comes back */
};

/* How. The writers are empty before. */
struct call_out {
	struct json_writer frame;    /* JSON text; empty: none */
	struct call_request request; /* path empty: none */
	enum call_settling settling;
	bool echoes; /* it will be heard, too, as said by ourselves */
};

struct codec_calls {
	size_t state_size;
	/* How a kind is said to such a server; `in`: such a server can tell of it. RULE_TEXT: as a
	 * message in words; RULE_ACTION: as "/me"; RULE_NOTICE is not used; RULE_DROP: not, for
	 * why. */
	struct codec_capability can[ENVELOPE_KINDS];
	size_t text_max;     /* UTF-16 units of a message; 0: no limit but the frame's */
	size_t frame_max;    /* bytes of a frame that the server takes; 0: not known */
	uint32_t spacing_ms; /* least time between two messages that a server is known to take */
	bool has_ids;        /* its messages have ids */
	bool has_history;    /* history() */
	bool has_private;    /* a FLAG_PRIVATE message to a subject */
	bool has_action; /* FLAG_ACTION has a form; else it is put in words by who calls say() */
	bool names_are_unique; /* a name is one person */

	/* The next step of the login. previous: what the request before brought; NULL: it is the
	 * first, of a new login. What it learns of people goes to sink->known(). */
	enum call_step (*plan)(struct call_peer *, const struct call_result *previous,
			       struct call_plan *plan, struct call_sink *sink);

	/* The socket is open. May be NULL. */
	void (*open)(struct call_peer *, struct call_sink *);

	/* A whole message. Not REASON_NONE: it is not the dialect's; nothing went to the sink. */
	enum reason (*decode)(struct call_peer *, struct slice text, struct call_sink *);

	/* How something is said. CODEC_NOTHING: it cannot be, as it is (a target, a subject is
	 * missing): *why. */
	enum codec_status (*say)(struct call_peer *, const struct call_said *, struct call_out *,
				 enum reason *why);

	/* What a request brought. said: that it was made for; NULL: for sink->ask() or history().
	 */
	void (*answered)(struct call_peer *, const struct call_said *, const struct call_result *,
			 struct call_sink *);

	/* Asks for what was said last, at most count messages. */
	enum codec_status (*history)(struct call_peer *, uint32_t count, struct call_out *);

	/* An application-level ping after silence. NULL: a WebSocket ping will do. */
	enum codec_status (*keepalive)(struct call_peer *, struct call_out *);

	/* Frees what state points at. May be NULL. */
	void (*close)(struct call_peer *);

	/* Can a remote room be called so in the configuration? Empty: need it not be named? *why:
	 * constant. NULL: any. */
	bool (*room_allowed)(struct slice room, const char **why);
};

#endif

/* wire.h - what Dragoman and its backends say to each other over ZeroMQ, as bytes. The public
 * description is contrib/man/dragoman-backend.7; contrib/schema/ holds it as JSON Schema.
 *
 * A message is a multipart of two to four frames: "DGM1" | command | meta | envelope. The first is
 * the protocol and its major version; meta and envelope are JSON objects (RFC 8259, UTF-8). Meta
 * may be left out when it would be empty. Unknown keys are ignored, so that both sides can
 * learn new ones. Pure; any thread. */
#ifndef CODECS_BACKEND_WIRE_H
#define CODECS_BACKEND_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/text/json_write.h"
#include "codecs/text/slice.h"

#define WIRE_PROTOCOL    "DGM1"
#define WIRE_FRAMES_MAX  4
#define WIRE_BYTES_MAX   1048576              /* of one frame, either way */
#define WIRE_BYTES_HEARD (8 * WIRE_BYTES_MAX) /* up to that, who sends more is told so */
#define WIRE_DEPTH_MAX   32
#define WIRE_ROOMS_MAX   64 /* in a READY */
#define WIRE_CREDITS_MAX 100000
#define WIRE_TEXT_MAX    512   /* bytes of a reason for a person; longer ones are clipped */
#define WIRE_ID_MAX      256   /* bytes of a request's "id", as JSON */
#define WIRE_SAYING_MAX  65536 /* bytes of a message's text, of a poll's question or option */
#define WIRE_EMOJI_MAX   64
#define WIRE_POLL_MIN_MS 1000 /* how long a poll runs */
#define WIRE_POLL_MAX_MS 86400000

enum wire_command {
	WIRE_READY,     /* backend: here I am;  Dragoman: taken on */
	WIRE_EVENT,     /* Dragoman: take this; wants an ACK */
	WIRE_ASK,       /* Dragoman: may this be? wants an ANSWER before deadline_ms */
	WIRE_ANSWER,    /* backend: allow, change or refuse */
	WIRE_PUBLISH,   /* backend: say this in a room, or to one person; gets ACK or ERROR */
	WIRE_CONTROL,   /* backend: a moderation request or a query; gets ACK or ERROR */
	WIRE_ACK,       /* either: done */
	WIRE_HEARTBEAT, /* either: I am alive; answered with nothing */
	WIRE_BYE,       /* either: no more from me; what is under way is still settled */
	WIRE_ERROR,     /* either: what you sent was wrong; never answered */
	WIRE_COMMANDS
};

/* "READY", ...: the second frame. Constant. */
const char *wire_command_name(enum wire_command command);

/* ---- from Dragoman ---- */

/* {"kind":"message","id":1,...}: an envelope as JSON. What is absent, 0 or empty is left out, but
 * for what its kind is about: "text" of kinds that have one, "duration_ms" of a timeout, "choice"
 * of a vote. Its correlation stays here. extra must be JSON that json_read() has checked: of
 * KIND_OPAQUE a value, else members, which are put in an object. Borrows.
 * Which kinds have what: contrib/schema/envelope.schema.json. */
void wire_put_envelope(struct json_writer *w, const struct envelope *event);

/* Why an EVENT came. */
enum wire_cause {
	WIRE_CAUSE_ROUTE,   /* a rule named this backend as a destination */
	WIRE_CAUSE_TAP,     /* a rule copied it */
	WIRE_CAUSE_PRESENCE /* a user entered or left, and the backend subscribed to that */
};

/* {"id":1,"cause":"route","rule":"commands","deadline_ms":2000,"again":true}. again: it may have
 * been sent before (left out when false). rule absent: left out. */
struct wire_event {
	uint64_t id;
	enum wire_cause cause;
	struct slice rule;
	uint64_t deadline_ms; /* how long from now an ACK is waited for */
	bool again;
};
void wire_put_event(struct json_writer *w, const struct wire_event *event);

/* Who wants to log in, in place of an envelope. */
struct wire_login {
	struct slice dialect, mount; /* the mount's path */
	struct slice name, secret;   /* as claimed; absent: none, left out */
	uint64_t number;             /* claimed; 0: none, left out */
};

/* {"id":1,"about":"event","rule":"moderation","deadline_ms":2000,"again":true}, or with
 * "about":"login" and "login":{"dialect":"simple","mount":"/simple","name":"ann","secret":"x",
 * "number":7}. */
struct wire_ask {
	uint64_t id;
	struct slice rule;
	uint64_t deadline_ms;
	bool again;
	const struct wire_login
	    *login; /* NULL: about an event, whose envelope is the fourth frame */
};
void wire_put_ask(struct json_writer *w, const struct wire_ask *ask);

/* {"server":"dragoman 0.1.0","backend":"moderation","instance":UUID,"heartbeat_ms":1000,
 * "credits":100}: the answer to a READY. credits: those granted, at most what was offered. */
struct wire_welcome {
	struct slice server, backend, instance;
	uint64_t heartbeat_ms, credits;
};
void wire_put_welcome(struct json_writer *w, const struct wire_welcome *welcome);

/* {"id":ID,"event":1}: id is the JSON text that the request came with (absent: left out); event 0:
 * left out. */
void wire_put_ack(struct json_writer *w, struct slice id, uint64_t event);

/* {"id":ID,"room":"lobby","members":[{"name":"ann","number":7,"uuid":"...","roles":["user"]}]} */
void wire_put_members(struct json_writer *w, struct slice id, struct slice room,
		      const struct person *members, size_t count);

/* {"id":ID,"code":"unknown_room","text":"There is no such room"} */
void wire_put_error(struct json_writer *w, struct slice id, struct slice code, struct slice text);

/* ---- from a backend ---- */

enum wire_verdict { WIRE_ALLOW, WIRE_CHANGE, WIRE_REFUSE };

enum wire_deed {
	WIRE_KICK,      /* person, room; text: reason, may be absent; permanent: a ban */
	WIRE_TIMEOUT,   /* person, room, duration_ms (0: lift it); text may be absent */
	WIRE_INVITE,    /* person, room */
	WIRE_ROLES,     /* person, room, roles: the new set, perhaps 0 */
	WIRE_MEMBERS,   /* room: tell who is there */
	WIRE_SUBSCRIBE, /* hear of comings and goings in the rooms of the READY */
	WIRE_UNSUBSCRIBE,
	WIRE_DEEDS
};

/* What a backend sent. Everything borrows from the frames and the scratch memory; event.poll
 * points into the message, so that a copy of it needs its own. */
struct wire_message {
	enum wire_command command;
	struct slice id; /* "id" as JSON text (a string or a number), to be echoed; absent: none */
	uint64_t number; /* the same as a number of ours: of ANSWER and ACK 1 .. 2^53-1; of ERROR
			  * too, or 0: it is none */
	/* READY */
	struct slice name;                  /* required */
	struct slice rooms[WIRE_ROOMS_MAX]; /* names, or prefixes ending in '*'; none: all */
	size_t room_count;
	uint32_t credits; /* 1 .. WIRE_CREDITS_MAX; 100 when left out */
	bool presence;
	/* ANSWER */
	enum wire_verdict verdict; /* required */
	bool has_as;               /* "as":{...}: who a login is; required to allow one */
	struct person as;          /* name; number 0: to be found; roles */
	/* ANSWER, CONTROL, ERROR: for a person to read. Clipped to WIRE_TEXT_MAX */
	struct slice text;
	struct slice code; /* ERROR: what is wrong, as one word; absent: none */
	/* PUBLISH, CONTROL */
	struct slice room; /* a room's canonical name; always there in a PUBLISH, and where a
			    * deed below names it */
	struct slice
	    speaker; /* "as": the name to speak or act under; absent: the backend's first */
	struct person person; /* "to" or "person": a name (text) or a number; neither: nobody */
	enum wire_deed deed;  /* "do" */
	uint64_t duration_ms;
	uint32_t roles;
	bool permanent;
	/* ANSWER with WIRE_CHANGE, and PUBLISH: the fourth frame, always there. Of an ANSWER only
	 * text and FLAG_ACTION are read, at least one of both; has_text, has_flags say whether
	 * they were there. FLAG_DEGRADED: a lone surrogate was replaced */
	bool has_envelope, has_text, has_flags;
	struct envelope event; /* kind, and what it needs: text, flags that it can have, target,
				* subject (name, number or both), thread, choice, poll. With
				* "to" FLAG_PRIVATE is set and subject is that person */
	struct poll poll;      /* what event.poll points at */
	uint32_t unknown_keys; /* in meta and envelope, at any level; and unknown flags */
};

enum wire_status {
	WIRE_OK,
	WIRE_BAD_FRAMES,  /* too few, too many for the command, or too large */
	WIRE_BAD_VERSION, /* another protocol or major version */
	WIRE_BAD_COMMAND, /* no such command, or one that backends do not send */
	WIRE_BAD_JSON,    /* meta or envelope is not a JSON object */
	WIRE_BAD_FIELD,   /* a field is missing or cannot be so; see why */
	WIRE_STATUSES
};

/* "bad_frames", ...: the code in an ERROR and in counters. Constant. */
const char *wire_status_code(enum wire_status status);

#define WIRE_WHY_MAX 128

/* Reads one message. frames: count of them, without the routing identity. An empty meta or
 * envelope frame counts as left out. scratch: as many bytes as all frames together. why: but for
 * WIRE_OK it says what is wrong, for an ERROR and a log (NUL-terminated, printable ASCII). On
 * WIRE_BAD_JSON and WIRE_BAD_FIELD out->command is set, out->id too if it could be read. Uses
 * below 64 KiB of stack. */
enum wire_status wire_read(const struct slice *frames, size_t count, char *scratch,
			   struct wire_message *out, char why[WIRE_WHY_MAX]);

#endif

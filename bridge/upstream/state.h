/* state.h - what is kept of a server that we call, and of each link to it: the ground of
 * bridge/upstream. All of an upstream happens on the thread that owns its room.
 *
 * Links know nobody above them: who hears of what they bring is in struct link_ops. */
#ifndef BRIDGE_UPSTREAM_STATE_H
#define BRIDGE_UPSTREAM_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/asker.h"
#include "bridge/core/bridge.h"
#include "bridge/core/worker.h"
#include "bridge/upstream/link/sayings.h"
#include "codecs/calls.h"
#include "conf/conf.h"

#define ECHOES_KEPT 256

struct heard_queue;
struct id_map;
struct lane;
struct link;
struct link_ops;
struct pattern;
struct pattern_search;
struct reacting;
struct saying;
struct speaking;
struct strangers;

#define ID_MAP_MOST 100000 /* names of messages, of an upstream */

struct upstream {
	struct bridge *bridge;
	struct worker *worker; /* the room's owner */
	size_t index;
	const struct conf_upstream *conf;
	const struct codec *codec;
	size_t dialect;
	struct room_entry *room;
	const struct link_ops *ops;
	bool front;              /* mode = "session" */
	bool paused;             /* by an operator */
	char *secret;            /* of secret_file; NULL: none */
	char **login_secrets;    /* of its logins, each owned, or NULL */
	struct pattern *ignored; /* texts that are not taken; NULL: none */
	struct pattern_search *search;
	uint64_t up_ms;     /* tick_ms: when a link was up last; 0: none was */
	uint64_t yields_ms; /* tick_ms: when names are given up next that accounts are to have */
	uint64_t settled;   /* relay: the newest event that is settled there; 0: none */
	struct resuming {
		bool begun;      /* it was seen to */
		bool under_way;  /* what was said before the start is yet to be said: */
		uint64_t newest; /* the last of that; 0: there was none */
		const struct envelope **held; /* owned, each: what happened since */
		size_t count, size;
	} resuming; /* relaying.h */
	struct id_map *ids;
	struct strangers *people;
	struct link *links; /* relay: one */
	size_t link_count;
	size_t logging_in;         /* of them: not up yet, and trying */
	struct link *ear;          /* front: that is listened to; NULL: none is up */
	uint64_t heard_frames[64]; /* of those that the ear heard last: ear.h */
	unsigned heard_next;
	struct lane *lane;          /* what was heard, and rules are not done with */
	struct heard_queue *heard;  /* listening.h */
	struct speaking *speaking;  /* speaking.h */
	struct reacting *reactions; /* reacting.h */
	struct echoes {
		uint64_t keys[ECHOES_KEPT];
		unsigned next;
		struct {
			uint64_t key, ours; /* 0: none */
		} lost[ECHOES_KEPT];
		unsigned next_lost;
	} echoes; /* what was sent that is no message, or a message that was given up: heard
		   * again, it is no news; echo.h */
	struct saying *agreeing; /* front: whose draft is being ordered; NULL: none's */
	uint64_t serial;         /* of the last that needed one */
};

struct upstreams {
	struct upstream *all[UPSTREAMS_MAX];
	size_t count;
};

struct asked;
struct ear_memory;
struct heard;
struct http_call;
struct login_claim;
struct socket_call;

#define LINK_WHY_MAX 200

enum link_state {
	LINK_DOWN,       /* until retry_ms */
	LINK_ASKING,     /* a request of the login is under way */
	LINK_CONNECTING, /* the socket */
	LINK_GREETING,   /* it is open; the login in it is not done */
	LINK_UP,
	LINK_CLOSING /* it is to be freed */
};

/* A request of say(), history() or the codec's own, under way. */
struct link_request {
	struct link_request *next;
	struct link *link;
	struct http_call *call;
	uint64_t serial; /* of the item; 0: none's */
	uint32_t tag;
};

struct link {
	struct link *next;
	struct upstream *upstream;
	enum link_state state;
	uint64_t since_ms;           /* wall clock: of this state */
	char why[LINK_WHY_MAX];      /* it is not up; "" : nothing went wrong yet */
	bool logging_in;             /* it is counted so */
	uint64_t retry_ms;           /* tick_ms */
	uint64_t deadline_ms;        /* tick_ms: of this state; 0: none */
	uint64_t up_ms, pinged_ms;   /* tick_ms */
	unsigned attempts;           /* in a row that failed */
	bool refused;                /* the last login was: not as who we are */
	unsigned calling;            /* its codec is at work: so deep */
	bool failing;                /* link_fail() was called meanwhile, */
	uint32_t retry_after_s;      /* with this; later: as the server said last; 0: nothing */
	uint64_t connected;          /* times that it was up */
	struct call_account account; /* its texts are owned */
	struct call_peer peer;       /* its state, scratch and self are owned */
	size_t scratch_size;
	struct http_call *asking;
	struct asked *login_asked; /* owned: of that; link/calls.c */
	struct link_request *requests;
	struct socket_call *socket;
	char
	    instance[UUID_TEXT_LEN + 1]; /* the Dragoman that it leads to; "": none, or not known */
	struct sayings sayings;
	uint64_t next_say_ms; /* tick_ms: not before that */
	bool settling;        /* history was asked for: nothing is said until it is heard */
	bool asks_late;       /* it is to be asked for */
	struct heard *late;   /* owned, each: what of it was heard */
	bool doubts;          /* some sent items may have been said or not */
	/* Of a client of the server behind: */
	bool client;
	struct asker owner;             /* the session; its ticket is of the login */
	struct login_claim *claim;      /* owned; NULL: the login was answered */
	uint64_t answered_ms;           /* tick_ms: when */
	struct person person;           /* who it is here, once that is known; its name is owned */
	bool entered;                   /* it came into the room */
	bool ends;                      /* it is to end with the next tick */
	bool told_down;                 /* it knows that the link broke */
	char alias[FOREIGN_ID_MAX + 1]; /* its id there, as strangers know it; "": they do not */
	struct ear_memory *memory;      /* owned: ear.h; NULL: nothing */
};

/* Looks at the steps of a login, without a part in them. All borrow. */
struct link_watch {
	void (*asked)(struct link *, const struct call_request *);
	void (*answered)(struct link *, const struct call_result *);
	void (*connects)(struct link *, struct slice url);
	void (*opened)(struct link *);
};

/* What a link brings, and what it has others do. */
struct link_ops {
	const struct link_watch *watch; /* NULL: nobody looks */
	/* Its login is done: as whom (borrows). */
	void (*up)(struct link *, const struct foreign_person *self);
	/* It failed; was_up: it had been up. */
	void (*down)(struct link *, bool was_up);
	/* It is over. */
	void (*ended)(struct link *, enum reason);
	/* A frame came (borrows), before its codec reads it. */
	void (*frame)(struct link *, struct slice text);
	/* What its codec found: as of struct call_sink. Borrow. */
	void (*heard)(struct link *, const struct call_heard *);
	void (*known)(struct link *, const struct foreign_person *, bool online,
		      struct slice trail);
	void (*history)(struct link *, bool reaches);
	/* May an item be sent now? False, and REASON_NONE in *why: not yet. Else it cannot be. */
	bool (*ready)(struct link *, struct saying_item *, enum reason *why);
	/* An item was sent. */
	void (*sent)(struct link *, const struct saying_item *);
	/* It was sent, and given up without an answer: it may be heard later. NULL: ignored. */
	void (*lost)(struct link *, const struct saying_item *);
	/* All of it is settled, or was never sent: takes it. */
	void (*done)(struct link *, struct saying *);
	/* Between its own files: link_fail(), link_pump(), link_settled(). */
	void (*fail)(struct link *, struct slice why, bool refused, uint32_t retry_after_s);
	void (*pump)(struct link *);
	void (*settled)(struct link *, const struct call_settled *);
};

/* As who it is configured that we come. Borrows from the upstream. */
void upstream_account(const struct upstream *upstream, struct call_account *account);

/* The secret of that row of its logins; absent: none. Borrows. */
struct slice upstream_login_secret(const struct upstream *upstream, size_t index);

/* Is it somebody whose words go neither way? */
bool upstream_ignores_name(const struct upstream *upstream, struct slice name);

/* Is it a text that is not taken, nor said? */
bool upstream_ignores(const struct upstream *upstream, struct slice text);

/* The same, that all of the room up to that id is settled there. */
void upstream_keep_settled(struct upstream *upstream, uint64_t ours);

/* It is stored, if anything is, that a message there is that one here. */
void upstream_keep_id(struct upstream *upstream, struct slice theirs, uint64_t ours);

/* Its counts, of the worker's. */
struct upstream_ledger *upstream_ledger(const struct upstream *upstream);

/* The next number of its own; never 0, below 2^31. */
uint64_t upstream_serial(struct upstream *upstream);

/* The calling side of its dialect. */
static inline const struct codec_calls *upstream_calls(const struct upstream *upstream)
{
	return upstream->codec->calls;
}

/* Is that id there one of our clients', whether it came into the room yet or not? */
bool upstream_has_client(const struct upstream *upstream, struct slice id);

/* Is one of our clients about to be logged in there under that name? */
bool upstream_awaits(const struct upstream *upstream, struct slice name);

#endif

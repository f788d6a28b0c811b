/* post.h - what threads send each other: one struct for each kind of mail, with the same head.
 *
 * A post is made by post_new(), filled in by who sends it, and freed by post_free(), which also
 * releases what it still holds: whoever takes something out sets the field to NULL (fd: -1).
 * Listeners and the bridge outlive all mail, and so do rooms: see reload.h. */
#ifndef BRIDGE_CORE_POST_H
#define BRIDGE_CORE_POST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/asker.h"
#include "bridge/core/past.h"
#include "codecs/backend/wire.h"
#include "codecs/model/envelope.h"
#include "codecs/text/name.h"
#include "conf/table/password_hash.h"
#include "routes/deliver/broadcast.h"
#include "routes/rules/route_table.h"

struct certificate;
struct counters;
struct foreign_keeping;
struct inquiry;
struct job;
struct lasting;
struct listener_info;
struct login_claim;
struct mailbox;
struct news;
struct room_entry;
struct snapshot;
struct survey;
struct worker;

enum post_kind {
	/* main to a worker */
	POST_SOCKET,
	POST_CERTIFICATE,
	POST_DRAIN,  /* post: close every session politely */
	POST_STOP,   /* post: leave the loop */
	POST_REPORT, /* post: answer with POST_REPORTED */
	POST_NEWS,
	POST_SWEEP, /* post: let go of rooms that are no more; answer with POST_SWEPT */
	POST_INQUIRY,
	/* the admin thread to a worker, and back */
	POST_SCRAPE, /* post: answer with POST_SCRAPED */
	POST_SCRAPED,
	/* a session's worker, or a backend's, to a room's owner */
	POST_ENTER,
	POST_LEAVE,
	POST_DRAFT,
	POST_QUERY,
	POST_LOCATE,
	POST_MEMBERS,
	POST_LOOK,
	POST_MESSAGE,
	POST_SURVEY,
	POST_FRONT_LOGIN, /* post_backend: a login for the server behind the room; without one, the
			   * asker's are over */
	POST_SAY,         /* post_backend: an event for the upstream of that index, by a rule */
	POST_RELAY,       /* post_broadcast: an event of the room, for upstreams; to itself */
	/* a room's owner to a session's worker */
	POST_ENTERED,
	POST_BROADCAST,
	POST_CLOSED,
	/* any worker to the owner of a backend or tap */
	POST_ASK,      /* post_backend: a draft to be judged */
	POST_LOGIN,    /* post_backend: a login to be judged */
	POST_EVENT,    /* post_backend: an event to be told */
	POST_PRESENCE, /* post_backend: an event for those instances that want such */
	POST_TAP,
	/* any worker to where somebody waits */
	POST_ANSWER,
	/* a thread that calls somebody else's server, to the worker that wanted it */
	POST_DIALED,  /* post_dialed: a connection is made, or not */
	POST_FETCHED, /* post_dialed: a request of HTTP is answered, or not */
	/* a worker to the store, and back */
	POST_STORE,
	POST_STORED,
	POST_FOREIGN, /* to the store, which keeps it */
	POST_KEPT,    /* the store to main: what it was given by store->keep() */
	POST_PAST,    /* of a room, from the store: bridge/order/past.h */
	/* a worker to main */
	POST_GONE,
	POST_DRAINED, /* post: no session is left */
	POST_TAKEN,   /* post_news: it has taken them */
	POST_SWEPT,
	POST_REPORTED,
	POST_INQUIRED, /* post_inquiry: the same, carried out */
	POST_ERRAND,
	POST_LOOKUP, /* post, of the admin thread as well: a page asks something of bridge->lookups
		      */
	POST_KINDS
};

struct post {
	struct post *next;
	uint8_t kind;       /* enum post_kind */
	bool sure;          /* while it waits for the store: it holds whatever comes of that */
	uint8_t to;         /* the same: to which worker, or as below */
	struct asker asker; /* nobody, where the kind says nothing of it */
};

#define POST_TO_MAIN  UINT8_MAX
#define POST_TO_STORE (UINT8_MAX - 1) /* of POST_PAST */

/* A client's IPv6 address, or its IPv4 address as a mapped one. */
struct peer_address {
	unsigned char bytes[16];
};

/* An accepted connection. */
struct post_socket {
	struct post post;
	int fd;
	struct listener_info *listener;
	uint64_t address; /* keyed hash of the client's address; 0: loopback */
	struct peer_address peer;
};

/* What handshakes at a listener show from now on. */
struct post_certificate {
	struct post post;
	struct listener_info *listener;
	struct certificate *certificate;       /* held */
	void (*release)(struct certificate *); /* undoes that */
};

/* Take these over. */
struct post_news {
	struct post post;
	struct news *news; /* held */
};

/* A request to enter; the asker is who enters, with or without a ticket. */
struct post_enter {
	struct post post;
	struct room_entry *room;
	const struct envelope *event; /* held; its author is who comes */
	bool guest;                   /* as struct room_entrant has it */
	uint64_t address;             /* a guest's; 0: not to be judged by it */
	uint32_t dialect;
	uint32_t form;     /* what it is sent: a number, see codecs/form.h */
	uint32_t entry;    /* which entry of the session's it is */
	unsigned replay;   /* messages that the person missed, at most */
	bool login;        /* it is part of a login */
	bool wants_people; /* its worker does not know who is there, and has to */
};

/* The asker is out. */
struct post_leave {
	struct post post;
	struct room_entry *room;
	uint32_t dialect;
};

/* The step behind the one that brought a draft to its room: taps and backends from there on, up to
 * the first other step, get it as it was ordered. */
struct copies {
	const struct route_table *table; /* held; NULL: nothing follows */
	size_t rule, step;
};

/* How somebody calls who has no connection there: as struct room_entrant. */
struct calling {
	bool guest;
	uint64_t address; /* of a guest; 0: not to be judged by it */
};

/* To be ordered. The asker is the member who speaks, or a backend. */
struct post_draft {
	struct post post;
	struct room_entry *room; /* NULL: find it by event->target */
	struct envelope *event;  /* held once, by this alone */
	size_t backend;          /* that says it, to whom all is allowed; SIZE_MAX: none does */
	bool trusted;            /* the same, of an upstream, which judged it */
	uint64_t agreed;        /* the same, of a server behind the room: upstream_hooks.h; 0: no */
	size_t upstream;        /* that it came by; SIZE_MAX: none */
	bool vouched;           /* its author need not be a member (any more) */
	uint8_t whose;          /* enum whose (routes/room/judge.h): of a call's */
	struct calling calling; /* the same */
	struct copies copies;
};

/* What was said there last. */
struct post_query {
	struct post post;
	struct room_entry *room;
	size_t count; /* at most */
	char *correlation;
	size_t correlation_len;
};

/* Which room of the speaker's knows the event's target? */
struct post_locate {
	struct post post;
	struct asker speaker;
	const struct envelope *event; /* held; its author is who speaks */
};

/* Who is there? */
struct post_members {
	struct post post;
	struct room_entry *room;
};

/* What is this room, and who or what is there? Of a call, in a person's name. */
enum look_kind { LOOK_ROOM, LOOK_MEMBERS, LOOK_HISTORY, LOOK_ADMINS, LOOK_BANS };

struct post_look {
	struct post post;
	struct room_entry *room;
	enum look_kind kind;
	bool absent; /* history is for who may enter, too; else for who is there */
	size_t offset, count;
	uint64_t before;      /* of history: only lesser ids */
	struct person person; /* who is looked for there; the name lies in name */
	char name[NAME_BYTES_MAX];
	struct person caller; /* the same for who asks */
	char caller_name[NAME_BYTES_MAX];
	struct calling calling;
};

/* Where is this message, and how is it now? Of a call; ANSWER_SURVEY. */
struct post_message {
	struct post post;
	uint64_t target;
	size_t count;         /* of reactions, at most */
	bool absent;          /* as in post_look */
	struct person person; /* who asks; the name lies in name */
	char name[NAME_BYTES_MAX];
	struct calling calling;
};

/* What is in all rooms that somebody may read? From the first worker to the last, each adds what
 * its rooms have. Of a call; ANSWER_SURVEY. */
enum survey_kind { SURVEY_ROOMS, SURVEY_AUTHORS, SURVEY_EVENTS };

struct post_survey {
	struct post post;
	enum survey_kind kind;
	uint64_t before; /* events with a lesser id */
	size_t count;    /* of them, at most */
	bool absent;
	struct person person;
	char name[NAME_BYTES_MAX];
	struct calling calling;
	struct survey *survey; /* owned */
};

/* Answers a post_enter. */
struct post_entered {
	struct post post;
	struct room_entry *room;
	enum reason reason;
	uint32_t roles;
	uint32_t entry;
	bool login;
	const struct envelope *event; /* held: the asking */
	struct broadcast *broadcast;  /* held: that somebody came; or NULL */
	const struct envelope
	    *poll; /* held: the one that runs; NULL: none does, or none is shown */
	const struct envelope **missed; /* held, each: what the person missed; owned */
	size_t missed_count;
	uint32_t *people; /* who is there, by number; NULL: not asked for */
	size_t people_count;
};

/* For the members there. The asker, when it is on this worker, is answered along with it. */
struct post_broadcast {
	struct post post;
	struct room_entry *room;
	struct broadcast *broadcast; /* held */
};

/* The room is no more: what it said is all before this. */
struct post_closed {
	struct post post;
	struct room_entry *room;
};

/* For a backend. The asker waits for its verdict, or for its having taken the event. */
struct post_backend {
	struct post post;
	size_t backend;
	struct room_entry *room;         /* of an event */
	const struct envelope *event;    /* held; NULL: it is about a login */
	const struct route_table *table; /* held: the rule behind this; NULL: none is */
	size_t rule;
	uint32_t deadline_ms; /* 0: the backend's own */
	enum wire_cause cause;
	struct login_claim *login;
};

/* For a tap. */
struct post_tap {
	struct post post;
	size_t tap;
	struct room_entry *room;
	const struct envelope *event; /* held */
};

/* For the asker. */
struct post_answer {
	struct post post;
	struct answer answer;
};

/* What changed in the rooms of a worker, in the order it did. The same post goes back. */
struct post_store {
	struct post post;
	unsigned worker;
	uint32_t era;         /* of the worker's: the next begins when the store has failed */
	uint64_t number;      /* of the worker's batches; it rises */
	uint32_t records;     /* how many, one behind the other: routes/room/record.h */
	size_t len, room;     /* bytes, and for how many there is room */
	unsigned char *bytes; /* owned */
	bool failed;          /* set by the store: nothing of it is stored, nor of what follows in
			       * this era */
	char blamed[NAME_BYTES_MAX]; /* when it failed: the room whose rows are why; */
	size_t blamed_len;           /* 0: no room's are */
};

/* What a server that we call calls messages: store->keep_foreign(). */
struct post_foreign {
	struct post post;
	bool follows; /* it holds only if that is stored, which that worker posted before in ... */
	unsigned worker;                 /* ... */
	uint32_t era;                    /* ... this era */
	bool failed;                     /* the store's own */
	struct foreign_keeping *keeping; /* owned: one block; bridge/durable/foreign_keeping.h */
};

/* What a client asked for, on its way through the store: bridge/order/past.h. */
struct post_past {
	struct post post;
	struct mailbox *box;  /* of the worker that wants it back */
	struct answer answer; /* with what the room remembers */
	struct past past;
};

/* A connection's socket is closed. */
struct post_gone {
	struct post post;
	uint64_t address;
	unsigned worker;
	bool turned_away; /* there were too many of its address, as was seen late */
};

/* What a worker has let go of. */
struct post_swept {
	struct post post;
	bool clean; /* nothing here means a room that is no more */
};

/* What a worker counted, for the admin thread. */
struct post_scraped {
	struct post post;
	unsigned worker;
	struct snapshot *snapshot; /* bridge/admin/snapshot.h: one block */
};

struct post_reported {
	struct post post;
	struct counters *counters;
};

/* What the main thread wants to know of a worker, or have it do, between two of its events: the
 * head of a struct of who asks, which the worker fills in and sends back. */
struct inquiry {
	void (*carry_out)(struct worker *, struct inquiry *); /* the worker's thread */
	void (*release)(struct inquiry *);                    /* frees it; any thread */
	uint64_t serial;                                      /* of what it is a part of */
	unsigned worker;                                      /* who is asked */
	/* What was done could not be stored, and has not happened: says so in what is told. NULL:
	 * nothing was to be stored. The worker's thread. */
	void (*undo)(struct inquiry *);
	bool expires;         /* who asked for it is told that it was not done, if it is late: */
	uint64_t deadline_ms; /* of a steady clock; from then on it is not carried out, */
	bool late;            /* and comes back so */
	/* It only shows what is there, and does not wait for what is to be stored. */
	bool shows;
};

/* Of a call: something is to be made, or removed, that lasts. ANSWER_MADE comes to the asker. */
enum errand_kind {
	ERRAND_ROOM_MAKE,   /* name, exact, open, owner: room */
	ERRAND_ROOM_OPEN,   /* name, open */
	ERRAND_ROOM_REMOVE, /* name */
	ERRAND_ACCOUNT      /* name, exact, hash: members[0] */
};

struct post_errand {
	struct post post;
	enum errand_kind kind;
	char name[NAME_BYTES_MAX]; /* as it was asked for: may hold any character, even NUL */
	size_t name_len;
	bool exact; /* that name, or none; else with a number added where it is taken, or is none */
	bool open;
	uint32_t owner; /* number of who asks */
	char hash[PASSWORD_HASH_BYTES];
};

struct post_inquiry {
	struct post post;
	struct inquiry *inquiry; /* owned */
};

/* Something that lasts and is of no room: bridge/durable/lasting.h. */
struct post_kept {
	struct post post;
	struct lasting *lasting;           /* owned */
	void (*release)(struct lasting *); /* frees it; any thread */
};

/* What came of it: bridge/dial/carrier.h. */
struct post_dialed {
	struct post post;
	struct job *job;               /* held */
	void (*release)(struct job *); /* undoes that; any thread */
};

/* Returns new: the kind's own struct, zeroed, with fd -1, backend SIZE_MAX. Any thread. */
void *post_new(enum post_kind kind);

/* NULL is ignored. */
void post_free(struct post *post);

/* Is it a draft that was accepted and has no outcome yet? See struct intake. */
bool post_is_draft(const struct post *post);

#endif

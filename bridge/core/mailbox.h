/* mailbox.h - first-in first-out between any threads and one owner. Posting never blocks for
 * long and never drops; what can be waiting is bounded where it is made (a session has a limited
 * number of requests under way). */
#ifndef BRIDGE_CORE_MAILBOX_H
#define BRIDGE_CORE_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/text/reason.h"
#include "routes/deliver/broadcast.h"
#include "routes/room/room.h"

struct certificate;
struct room_entry;
struct listener_info;
struct counters;
struct errand;
struct route_table;

enum post_kind {
	/* main to a worker */
	POST_SOCKET,      /* fd, listener, address */
	POST_CERTIFICATE, /* listener, certificate: what its handshakes show from now on */
	POST_DRAIN,       /* close every session politely */
	POST_STOP,        /* leave the loop */
	POST_REPORT,      /* answer with POST_REPORTED */
	POST_RULES,       /* rules: take them */
	/* a session's worker to a room's owner */
	POST_ENTER,   /* room, ref, dialect, event (author = who), address, login, ticket */
	POST_LEAVE,   /* room, ref; ticket when a client asked for it, else TICKET_NONE */
	POST_DRAFT,   /* room (NULL: find it by event->target), ref, event, ticket */
	POST_QUERY,   /* room, ref, count, ticket */
	POST_LOCATE,  /* ref, event, errand: which room knows the target? */
	POST_MEMBERS, /* room, errand: who is there? */
	/* a room to a session's worker */
	POST_ENTERED,   /* room, ref, reason, roles, login, ticket, event (the asking), broadcast or
			   NULL */
	POST_BROADCAST, /* room, broadcast; ref and ticket of the origin when it is on this worker
			 */
	POST_ANSWERED,  /* ref, ticket, reason, event (the draft or NULL) */
	POST_HISTORY,   /* ref, ticket, history, count */
	POST_LOCATED,   /* room or NULL, roles of the asker there, errand */
	/* any worker to the owner of a backend or tap */
	POST_ASK,       /* errand, room or NULL, event or NULL (a login), ref */
	POST_EVENT,     /* errand, room, event; ref and ticket, or a publication, when an answer is
			   wanted */
	POST_TAP,       /* errand, room, event */
	POST_PRESENCE,  /* errand, room, event: for those instances that want it */
	POST_PUBLISHED, /* errand, reason, room, event or NULL: what became of a publication */
	POST_LISTED,    /* errand with members, room */
	/* the owner to the asking worker */
	POST_VERDICT, /* errand, reason; ref of a login */
	/* a worker to main */
	POST_GONE,     /* address: a connection's socket is closed */
	POST_DRAINED,  /* no session is left */
	POST_RULED,    /* rules: it has taken them */
	POST_REPORTED, /* counters */
	POST_KINDS
};

#define TICKET_NONE UINT32_MAX

/* One message. Allocated by post_new(), filled in by the poster, freed by post_free(), which
 * also releases what it still holds; whoever takes something out sets the field to NULL (fd: -1).
 */
struct post {
	struct post *next;
	enum post_kind kind;
	enum reason reason;
	struct room_entry *room;
	struct session_ref ref;
	uint32_t ticket;
	uint32_t dialect;
	uint32_t roles;
	uint32_t entry;    /* of POST_ENTER, and of the POST_ENTERED that answers it */
	bool login;        /* the entry is part of a login */
	bool from_backend; /* POST_DRAFT: a backend says it, to which all is allowed */
	bool vouched;      /* POST_DRAFT: its author need not be a member (any more) */
	int fd;
	struct listener_info *listener;
	uint64_t address; /* keyed hash of the client's address; 0: loopback */
	struct certificate *certificate;
	void (*release)(struct certificate *); /* what is to be done with certificate; NULL: none */
	struct envelope *event;
	struct broadcast *broadcast;
	const struct envelope **history;
	size_t count;
	struct counters *counters;
	struct errand *errand;
	const struct route_table *rules; /* POST_RULES, POST_RULED: held */
};

/* Returns new, with fd -1, ticket TICKET_NONE and all else zero. Any thread. */
struct post *post_new(enum post_kind kind);
void post_free(struct post *post);

struct mailbox {
	pthread_mutex_t lock;
	struct post *first, **last;
	void (*wake)(void *owner); /* called without the lock when an empty box got a post */
	void *owner;
};

void mailbox_init(struct mailbox *box, void (*wake)(void *), void *owner);

/* Frees posts nobody took. */
void mailbox_clear(struct mailbox *box);

/* Any thread. Takes the post. */
void mailbox_post(struct mailbox *box, struct post *post);

/* Posts on their way to the same box, in order. One thread. Zeroed is empty. */
struct post_list {
	struct post *first, *last;
	size_t count;
};

/* Takes the post. */
void post_list_add(struct post_list *list, struct post *post);

/* Frees the posts. */
void post_list_clear(struct post_list *list);

/* Any thread. Posts all of list at once, which is empty then. own: the caller is the owner, who
 * looks into the box before it waits, and need not be woken. */
void mailbox_post_list(struct mailbox *box, struct post_list *list, bool own);

/* Is nothing waiting? Any thread; only a hint while others post. */
bool mailbox_is_empty(struct mailbox *box);

/* The owner's thread. Takes everything waiting: returns the first of a list linked by next, in
 * order, or NULL. */
struct post *mailbox_take(struct mailbox *box);

#endif

/* stage.h - a whole bridge without sockets, threads or time: the real sessions, workers, rooms
 * and codecs, connected to clients that exist only in memory. For the replay and for tests that
 * need more than one floor.
 *
 * Nothing happens by itself: the caller makes clients connect, say and leave, and passes time;
 * after each of these every worker takes turns until nobody has anything left to do. What the
 * server sent lies in each client's inbox. A breach of what every frame or call has to keep to
 * (well-formed WebSocket frames, or lines, holding one JSON object each, no write while another is
 * partial, rest within a bounded number of turns) is noted in fault. */
#ifndef TESTS_SUPPORT_STAGE_H
#define TESTS_SUPPORT_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bridge/client/session.h"
#include "bridge/core/bridge.h"
#include "bridge/core/counters.h"
#include "bridge/core/worker.h"
#include "bridge/net/response.h"
#include "tests/support/dialects.h"
#include "tests/support/inbox.h"

#define STAGE_OWNER_SECRET "the-owner-secret"
#define STAGE_START_MS     UINT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define STAGE_NAME_MAX     32

struct stage;
struct stage_lines;

/* One message a client said that the server did not read yet. */
struct stage_said {
	struct stage_said *next;
	bool binary;
	size_t len;
	char bytes[];
};

struct stage_client {
	struct stage_client *next;
	struct stage *stage;
	char name[STAGE_NAME_MAX];
	struct session *session; /* NULL: gone */
	struct worker *worker;
	size_t dialect;
	struct transport transport;
	uint32_t number; /* who it logged in as last; 0: nobody yet */
	char address[ADDRESS_TEXT_MAX];
	struct stage_frame *inbox, **inbox_end;
	struct stage_said *said, **said_end;
	unsigned char *partial; /* of a write that is not complete */
	size_t partial_len;
	unsigned close_code;  /* the server closed with it; 0: it did not */
	bool accepted;        /* its handshake was */
	struct slice refusal; /* what it was refused with; absent: it was not */
	char response[RESPONSE_MAX];
	bool ended, killed;           /* ended: the server closed or killed the connection */
	bool paused, stalled, silent; /* stalled: takes no bytes; silent: answers no ping */
	unsigned pings;               /* WebSocket pings that came */
	unsigned compressed;          /* messages that came compressed */
	uint64_t heard_tick;          /* when the client last sent anything */
	/* For who drives the stage; not looked at by it. */
	char key[128];     /* what the client logged in with */
	unsigned requests; /* request ids it used */
	bool ignored, end_seen;
};

struct stage {
	struct conf *conf;
	struct bridge *bridge;
	struct stage_client *clients, **clients_end;
	size_t client_count;
	uint64_t now_ms, tick_ms;
	struct stage_lines *lines; /* tests/support/lines.h */
	unsigned drained;          /* workers that have said so */
	/* What comes back of inquiries; NULL: nobody asks. */
	void (*inquired)(void *context, struct post_inquiry *post);
	void *context;
	bool held;       /* frames reach the sessions, but no worker takes a turn */
	char fault[512]; /* "": none */
};

/* config: text as in a configuration file. workers: 1 .. WORKERS_MAX. Errors go to stderr.
 * Returns new, or NULL when the configuration is refused. */
struct stage *stage_new(const char *config, unsigned workers, uint64_t now_ms);
void stage_free(struct stage *stage);

/* The mount a client of that dialect comes to: the one of that path, or when path is NULL the
 * first of the dialect. NULL: none. */
const struct mount *stage_mount(const struct stage *stage, size_t dialect, const char *path);

struct stage_request {
	const struct mount *mount;
	const char *query;         /* what follows '?'; NULL: absent */
	const char *authorization; /* header value; NULL: absent */
	const char *address;       /* NULL: loopback */
	enum framing framing;      /* of its connection; 0: WebSocket */
	bool compressed;           /* permessage-deflate was agreed on */
	bool dragoman;             /* another Dragoman's */
};

/* A client connects; workers take turns. Returns the client; its session is NULL when the
 * upgrade was refused, and then *response is the HTTP response (borrows from the client). */
struct stage_client *stage_connect(struct stage *stage, const char *name,
				   const struct stage_request *request, struct slice *response);

/* NULL: there is none of that name. */
struct stage_client *stage_find(const struct stage *stage, const char *name);

void stage_say(struct stage_client *client, struct slice bytes, bool binary);
void stage_leave(struct stage_client *client);

/* Takes what was held up in a write that did not complete; later writes complete again. */
void stage_resume(struct stage_client *client);

/* Lets time pass in steps of 250 ms at most, with the workers' ticks. */
void stage_wait(struct stage *stage, uint64_t ms);

/* The bridge itself says an event in a room. Borrows the draft. */
enum reason stage_bridge_says(struct stage *stage, struct room_entry *room,
			      const struct envelope *draft);

/* The configuration in that file is taken over (see reload.h; path is borrowed for the stage's
 * life). False: it is refused, and errors say why. */
bool stage_reload(struct stage *stage, const char *path, FILE *errors);

/* Turns until nobody has anything left to do. Called by all of the above. */
void stage_settle(struct stage *stage);

/* The oldest message not looked at; NULL: none. Borrows until it is dropped. */
struct stage_frame *stage_next(const struct stage_client *client);
void stage_drop(struct stage_client *client);
void stage_drop_all(struct stage_client *client);

/* The sum of the workers' counters. Returns new (counters_free()). */
struct counters *stage_counters(const struct stage *stage);

/* Everybody leaves. Then notes a fault unless all counters balance and nothing is in flight. */
void stage_balance(struct stage *stage);

#endif

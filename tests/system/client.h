/* client.h - a small non-blocking WebSocket client (RFC 6455) that speaks one of the four dialects
 * and notes what it sees. For swarm.c; single-threaded. */
#ifndef TESTS_SYSTEM_CLIENT_H
#define TESTS_SYSTEM_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dialect { SIMPLE, MIXER, CONCORD, ROOMS, DIALECTS };
extern const char *const dialect_names[DIALECTS];

enum phase { UPGRADING, ENTERING, PRESENT, LEAVING, GONE };

/* What a client saw, in order: a message's publisher << 20 | its sequence; or, with one of these
 * bits, the number of the client that came or left. */
#define SAW_ENTER       (UINT32_C(1) << 31)
#define SAW_EXIT        (UINT32_C(1) << 30)
#define SAW(who, which) ((uint32_t)(who) << 20 | (uint32_t)(which))

struct bytes {
	char *at;
	size_t len, capacity;
};

struct client {
	int fd;
	enum dialect dialect;
	enum phase phase;
	unsigned number; /* its index in world.clients; its name is "s" and this */
	bool ready;      /* has seen a "ready" message, so it is in the room */
	bool may_end;    /* the server may cut it */
	bool reading;    /* change with client_poll() */
	bool logs_presence;
	struct bytes in, out;
	uint32_t *log;
	size_t logged, log_capacity, heard; /* heard: messages in the log */
	unsigned sent, own, answered;       /* of its own messages: sent, seen, answered */
	unsigned sends;                     /* system calls that sent something */
	size_t leave_after;                 /* visitors: messages to hear before leaving, ... */
	uint64_t leave_at;                  /* ... or the time to leave, by now_ms() */
};

/* The server, the room's ids, and every client that ever was. */
struct world {
	const char *scenario;
	unsigned port, seconds;
	const char *mixer, *concord, *rooms;
	int poller;
	uint64_t deadline;
	struct client **clients;
	size_t client_count, client_capacity;
	void (*is_in)(
	    struct client *); /* was told that it is: 101, mixer: reply to auth; or NULL */
};
extern struct world world;

uint64_t now_ms(void);

/* Prints why and exits with 1. */
__attribute__((format(printf, 1, 2), noreturn)) void fail(const char *format, ...);

/* A note as text; valid until the fourth next call. */
const char *saw_text(uint32_t saw);

/* Connects and begins to log in. receive_buffer: SO_RCVBUF, 0: the system's. Returns new; lives
 * until the end of the process. */
struct client *client_open(enum dialect dialect, int receive_buffer);

/* Queues text (no quotes or backslashes) as a message under that request id; client_flush()
 * sends. */
void client_say(struct client *c, const char *text, const char *id);
void client_flush(struct client *c);

/* Tells the loop that c->reading has changed. */
void client_poll(struct client *c);

/* Sends a close frame and goes on reading; or just closes the socket. */
void client_leave(struct client *c);
void client_vanish(struct client *c);

/* One turn of the loop, at most timeout ms long. Fails after world.deadline. */
void turn(int timeout);

#endif

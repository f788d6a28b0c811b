/* call_house.h - one worker's loop that calls others, with a user of calls that does as it is told;
 * and sites that are called: servers whose every connection is a thread of the test's. What is
 * wrong fails the test. */
#ifndef TESTS_SUPPORT_CALL_HOUSE_H
#define TESTS_SUPPORT_CALL_HOUSE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/dial/http_call.h"
#include "bridge/dial/socket_call.h"
#include "bridge/net/ws/ws_reader.h"

struct ssl_ctx_st;
struct ssl_st;

/* ---- the worker ---- */

/* The loop's thread runs from here on. */
void call_house_open(void);
void call_house_close(void);

/* The same in two steps: from the first on no thread calls any more; the second waits for the
 * worker. Between them the worker's thread still runs. */
void call_house_stop_dialer(void);

/* Has the worker's thread carry it out between two turns, and waits for that. */
void call_house_do(void (*what)(struct worker *worker, void *data), void *data);

/* ---- who calls ---- */

/* When a caller frees its call. */
enum caller_frees { FREES_LATER, FREES_AT_OPEN, FREES_AT_MESSAGE, FREES_AT_DRAINED, FREES_AT_END };

/* Zeroed but for what a test sets before it calls. */
struct caller {
	enum caller_frees frees;
	bool closes; /* with code 1000, where it would be freed */
	/* What happened, behind the house's lock: see caller_wait(). */
	size_t opened, messages, drained, ended;
	size_t bytes;     /* of messages */
	char heard[4096]; /* those up to 64 bytes, each behind a space */
	char instance[64], why[512];
	struct socket_call_end end;
	struct socket_call *call; /* the worker's */
};

/* A request with what is usual. */
struct socket_call_request caller_request(const char *url);

void caller_call(struct caller *caller, const struct socket_call_request *request);

/* One of the counts, now; and waits until it is so much, which must not be exceeded. */
size_t caller_count(const size_t *what);
void caller_wait(const size_t *what, size_t count);

/* Frees its call, if that is not done yet. */
void caller_free(struct caller *caller);

/* Sends that message. False: it is not taken. */
bool caller_say(struct caller *caller, struct slice text);
void caller_closes(struct caller *caller, uint16_t code);
size_t caller_unsent(struct caller *caller);

/* Waits for its end, which must be at that stage, with that code (of the close, or of HTTP where it
 * was refused) and with these words in its why; frees it. */
void caller_ends(struct caller *caller, enum socket_call_stage stage, unsigned code,
		 const char *words);

/* ---- who is called ---- */

struct site;

/* One connection of a site. */
struct line {
	struct site *site;
	int fd;
	struct ssl_st *tls; /* NULL: plain */
	char head[4096];    /* of the last request that line_head() read */
	struct ws_reader reader;
	unsigned char bytes[65536]; /* read, and not yet used */
	struct ws_input input;
};

/* Serves a connection, which is closed afterwards. */
typedef void site_serve(struct line *line);

struct site {
	site_serve *serve;
	struct ssl_ctx_st *tls; /* NULL: plain */
	int fd;
	unsigned port;
	char url[128]; /* ws://127.0.0.1:PORT/chat, or wss: */
	pthread_t thread, *lines;
	size_t line_count;
	_Atomic size_t accepted, done; /* connections; done: a test's own count */
	const void *data;              /* a test's own */
};

/* certificate, key: paths of PEM files; NULL: plain. */
void site_open(struct site *site, site_serve *serve, const char *certificate, const char *key);

/* Waits for the end of its connections. */
void site_close(struct site *site);

/* As write() and read(), all of it; reading is false at the end. */
void line_send(struct line *line, const void *bytes, size_t len);
void line_say(struct line *line, const char *text);
bool line_read(struct line *line, void *bytes, size_t len);

/* Reads a head of HTTP into line->head. False: the connection ended before. */
bool line_head(struct line *line);

/* Its value in the head, trimmed; absent: it is not there. */
struct slice line_header(const struct line *line, const char *name);

/* Reads a request to be upgraded, and answers it; more: further header lines of the answer, or
 * whatever follows at once behind the head. NULL: none. */
void line_agree(struct line *line, const char *headers, const char *more);

/* A frame of the site's, not masked. */
void line_frame(struct line *line, unsigned first, const void *payload, size_t len);

/* The next message, ping or close of the caller, as ws_read() has it; WS_MORE: the connection
 * ended. What was sent has to be masked. */
enum ws_step line_next(struct line *line, struct ws_message *message);

/* Reads up to the end of the connection. */
void line_drain(struct line *line);

/* Closes with a reset. */
void line_reset(struct line *line);

#endif

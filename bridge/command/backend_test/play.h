/* play.h - plays the server towards one backend: what every check of backend-test stands on. */
#ifndef BRIDGE_COMMAND_BACKEND_TEST_PLAY_H
#define BRIDGE_COMMAND_BACKEND_TEST_PLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bridge/backend/zmq.h"
#include "bridge/command/arguments.h"
#include "codecs/backend/wire.h"
#include "codecs/text/json_write.h"

#define BEAT_MS     400  /* heartbeat_ms of the READY */
#define DEADLINE_MS 2000 /* of every ASK and EVENT, and of what else is waited for */
#define TASKS_MAX   256
#define GOT_BYTES   160

enum task_state { TASK_OPEN, TASK_DONE, TASK_EXPIRED };

/* An ASK or EVENT that was sent. */
struct task {
	uint64_t id, sent_ms, took_ms;
	bool ask, login;
	enum task_state state;
	enum wire_verdict verdict;
	unsigned sent, answered;
	char got[GOT_BYTES];  /* what came for it that was wrong; empty: nothing did */
	char said[GOT_BYTES]; /* of a login, who it is or why not */
};

struct play {
	FILE *out;
	const char *wanted_name; /* NULL: any */
	struct socket *socket;
	char identity[SOCKET_IDENTITY_MAX];
	size_t identity_len;  /* 0: not connected */
	char name[GOT_BYTES]; /* as it says it, escaped */
	char room[128];
	uint32_t credits, under_way;
	unsigned readies, restarts, heard, requests, strays, faults, byes;
	uint64_t heard_ms,
	    silence_ms;       /* the last message; the longest pause since it was set to 0 */
	uint64_t beat_ms;     /* when ours is due */
	char got[GOT_BYTES];  /* what was wrong with its last bad message */
	char sent[GOT_BYTES]; /* what it was sent last but for heartbeats, for people */
	struct task tasks[TASKS_MAX];
	size_t task_count;
	uint64_t next_id;
	struct json_writer meta, body;
	char *scratch;
	size_t scratch_size;
	unsigned right, wrong;
	bool over; /* it is gone: no more checks */
};

/* ---- play.c ---- */

/* Closes and frees what play has. */
void play_clear(struct play *play);

/* Sends meta, and body when with_body, of play->meta and play->body. False: it is gone. */
bool play_send(struct play *play, enum wire_command command, bool with_body);

/* The same of any frames, at most 6: what is not a message of the protocol. */
bool play_send_frames(struct play *play, const struct slice *frames, size_t count);

/* Notes what it was sent last, in words: what is wrong is said to have come after it. */
void play_note(struct play *play, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* id: of what it is about, as JSON; may be absent. */
bool play_send_error(struct play *play, struct slice id, const char *code, const char *text);

/* Waits until done(play, than) says so, at most ms; false when it never did. Hears and answers all
 * that comes meanwhile. */
bool play_wait(struct play *play, bool (*done)(const struct play *, unsigned), unsigned than,
	       uint64_t ms);

/* A new task, not sent yet; waits for a credit first. NULL when there are too many. */
struct task *play_task(struct play *play, bool ask);

/* Marks it as sent (again) just now. */
void play_task_sent(struct play *play, struct task *task);

/* Waits until no task is open: each is settled or expires. */
void play_settle(struct play *play);

/* Prints and counts one line. got: what came: of what is right, more about it; of what is wrong,
 * instead. Empty: nothing. */
void play_judge(struct play *play, bool right, const char *got, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* For play_wait(): more READYs than that came; nobody is there (any more). */
bool play_more_readies(const struct play *play, unsigned than);
bool play_alone(const struct play *play, unsigned than);

/* Empties a writer and returns it. */
struct json_writer *play_writer(struct json_writer *w);

/* Writes the meta of an EVENT. */
void play_put_event(struct play *play, const struct task *task, enum wire_cause cause, bool again);

#endif

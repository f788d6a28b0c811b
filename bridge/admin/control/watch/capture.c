#include "bridge/admin/control/watch/capture.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bridge/client/overhear.h"
#include "bridge/core/log/log.h"
#include "bridge/core/worker.h"
#include "codecs/text/memory.h"

#define SECONDS_USUAL 60
#define HOUR_MS       3600000
#define TAKE_MS       100 /* between two looks at what has come */

/* ---- a worker's thread ---- */

enum deed { BEGIN, TAKE, END };

struct capture_inquiry {
	struct inquiry head;
	enum deed deed;
	uint64_t serial; /* of the capture */
	struct redactor redactor;
	struct room_entry *room;
	bool busy; /* another one is under way */
	char *lines;
	size_t len;
};

static void release(struct inquiry *head)
{
	struct capture_inquiry *inquiry = (struct capture_inquiry *)head;

	explicit_bzero(&inquiry->redactor.key, sizeof(inquiry->redactor.key));
	free(inquiry->lines);
	free(inquiry);
}

static void begin(struct worker *worker, struct capture_inquiry *inquiry)
{
	inquiry->busy = worker->capture != NULL;
	if (!inquiry->busy)
		worker->capture =
		    capture_new(&overhear_ops, inquiry->serial, &worker->bridge->captured,
				&inquiry->redactor, inquiry->room);
}

static void carry_out(struct worker *worker, struct inquiry *head)
{
	struct capture_inquiry *inquiry = (struct capture_inquiry *)head;

	if (inquiry->deed == BEGIN) {
		begin(worker, inquiry);
		return;
	}
	if (!worker->capture || worker->capture->serial != inquiry->serial)
		return;
	inquiry->lines = capture_take(worker->capture, &inquiry->len);
	if (inquiry->deed == TAKE)
		return;
	capture_free(worker->capture);
	worker->capture = NULL;
}

/* ---- the main thread ---- */

/* own */
struct capturing {
	struct calls *calls;
	uint64_t serial, ends_ms, take_ms;
	unsigned uid;
	int pid;
	struct redactor redactor;
	struct room_entry *room;
	bool busy;         /* another one is under way */
	bool begun, ended; /* workers were asked to */
	bool told;         /* the log says that it began */
	json_t *rows;      /* owned; NULL: none came yet */
	uint64_t lines;
};

static struct capture_inquiry *inquiry_of(const struct capturing *own, enum deed deed)
{
	struct capture_inquiry *inquiry = inquiry_new(sizeof(*inquiry), carry_out);

	inquiry->head.release = release;
	inquiry->head.shows = true;
	inquiry->deed = deed;
	inquiry->serial = own->serial;
	inquiry->redactor = own->redactor;
	inquiry->room = own->room;
	return inquiry;
}

static void log_it(const struct capturing *own, const char *what)
{
	log_event(LOG_WARNING, &(struct log_fields){ .event = "capture" },
		  "control: uid %u, pid %d: capture %s%s", own->uid, own->pid, what,
		  own->redactor.bodies ? ", with what people write" : "");
}

/* Who asked may be gone before it is over. */
static void capturing_free(void *free_own)
{
	struct capturing *own = free_own;

	for (unsigned w = 0; own->begun && !own->ended && w < own->calls->bridge->worker_count;
	     w++) {
		struct post_inquiry *post = post_new(POST_INQUIRY);

		post->inquiry = &inquiry_of(own, END)->head;
		post->inquiry->worker = w;
		mailbox_post(&own->calls->bridge->workers[w]->box, &post->post);
	}
	if (own->told)
		log_it(own, "ended");
	explicit_bzero(&own->redactor.key, sizeof(own->redactor.key));
	json_decref(own->rows);
	free(own);
}

static void add_row(struct capturing *own, const char *text, size_t len)
{
	if (!own->rows)
		own->rows = json_array();
	json_array_append_new(own->rows, json_stringn_nocheck(text, len));
	own->lines++;
}

static void hear(struct call *call, struct inquiry *head)
{
	const struct capture_inquiry *inquiry = (const struct capture_inquiry *)head;
	struct capturing *own = call->own;
	const char *at = inquiry->lines, *end;
	size_t left = inquiry->len;

	own->busy |= inquiry->busy;
	while (left > 0 && (end = memchr(at, '\n', left))) {
		add_row(own, at, (size_t)(end - at));
		left -= (size_t)(end + 1 - at);
		at = end + 1;
	}
}

static void ask_all(struct call *call, enum deed deed, void (*proceed)(struct call *))
{
	call_wait(call, CALL_ACT_MS, hear, proceed);
	for (unsigned w = 0; w < call->calls->bridge->worker_count; w++)
		call_ask(call, w, inquiry_of(call->own, deed));
}

/* Rows that wait are written first; then it goes on there. */
static void write_then(struct call *call, void (*proceed)(struct call *))
{
	struct capturing *own = call->own;
	json_t *rows = own->rows;

	own->rows = NULL;
	if (rows)
		call_rows(call, rows, proceed);
	else
		proceed(call);
}

static void put_event(struct call *call, const char *event)
{
	struct capturing *own = call->own;
	json_t *made =
	    json_pack("{s:s,s:b,s:o}", "event", event, "bodies", (int)own->redactor.bodies, "room",
		      own->room ? json_of(own->room->rules.name) : json_null());
	char *text = json_dumps(made, JSON_COMPACT);

	add_row(own, text, strlen(text));
	free(text);
	json_decref(made);
}

static void end(struct call *call)
{
	const struct capturing *own = call->own;

	call_end_list(call, json_pack("{s:I,s:o}", "lines", (json_int_t)own->lines, "silent",
				      call_silent(call)));
}

static void finish(struct call *call)
{
	struct capturing *own = call->own;

	own->ended = call->awaited == 0;
	put_event(call, "ends");
	write_then(call, end);
}

static bool is_due(struct call *call)
{
	const struct capturing *own = call->own;

	return call->calls->now_ms >= own->take_ms || !call->peer;
}

static void wait(struct call *call);

static void written(struct call *call)
{
	write_then(call, wait);
}

static void look(struct call *call)
{
	const struct capturing *own = call->own;

	if (!call->peer || call->calls->now_ms >= own->ends_ms)
		ask_all(call, END, finish);
	else
		ask_all(call, TAKE, written);
}

static void wait(struct call *call)
{
	struct capturing *own = call->own;

	own->take_ms = call->calls->now_ms + TAKE_MS;
	if (own->take_ms > own->ends_ms)
		own->take_ms = own->ends_ms;
	call_wait_until(call, is_due, look);
}

static void begun(struct call *call)
{
	struct capturing *own = call->own;

	if (own->busy) {
		call_fail(call, 1, "busy", "another capture is under way");
		return;
	}
	if (call->awaited) {
		call_fail_silent(call);
		return;
	}
	own->told = true;
	log_it(own, "begins");
	put_event(call, "begins");
	write_then(call, wait);
}

void capture_serve(struct call *call)
{
	const char *room = request_text(&call->request, "room");
	const char *within = request_text(&call->request, "for");
	uint64_t ms = within ? verb_duration_ms(within) : SECONDS_USUAL * 1000;
	struct capturing *own;

	if (room && !call_find_room(call, room))
		return;
	if (ms > HOUR_MS) {
		call_fail(call, 2, "usage", "a capture takes an hour at most");
		return;
	}
	own = memory_zeroed(1, sizeof(*own));
	own->calls = call->calls;
	own->uid = call->uid;
	own->pid = call->pid;
	own->room = call->room;
	own->redactor.ids = &call->calls->bridge->key;
	own->redactor.bodies = request_has(&call->request, "bodies");
	own->serial = ++call->calls->serial;
	own->ends_ms = call->calls->now_ms + ms;
	call->own = own;
	call->own_free = capturing_free;
	if (getrandom(&own->redactor.key, sizeof(own->redactor.key), 0) !=
	    sizeof(own->redactor.key)) {
		call_fail(call, 1, "no_random", "there is no randomness");
		return;
	}
	own->begun = true;
	ask_all(call, BEGIN, begun);
}

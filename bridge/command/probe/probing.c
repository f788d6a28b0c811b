#include "bridge/command/probe/probing.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/client/life.h"
#include "bridge/dial/dialer.h"
#include "bridge/dial/http_call.h"
#include "bridge/dial/socket_call.h"
#include "bridge/net/loop.h"
#include "bridge/turn.h"
#include "bridge/upstream/link/hiding.h"
#include "bridge/upstream/link/link.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "conf/table/shape.h"

#define PEOPLE_MS 1000 /* so long it is listened to, for who is there */
#define LINE_MAX  512

/* The one under way: the loop knows its worker alone. */
static struct probing *current;

/* ---- what is told ---- */

static void hide(struct probing *probing, char *text)
{
	upstream_hide(text, probing->account.secret);
	shape_make_printable(text);
}

static void tell(struct probing *probing, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void tell(struct probing *probing, const char *format, ...)
{
	char line[LINE_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	hide(probing, line);
	probing->tell(probing->context, line);
}

static void put(struct probing *probing, char *out, size_t size, struct slice text)
{
	struct slice part = text_clip(text, size - 1);

	if (part.len)
		memcpy(out, part.data, part.len);
	out[part.len] = '\0';
	hide(probing, out);
}

static unsigned long long step_took(const struct probing *probing)
{
	return (unsigned long long)(clock_steady_ms() - probing->step_ms);
}

/* What is behind a '?' may be a key. */
static struct slice without_query(struct slice url)
{
	const char *query = url.len ? memchr(url.data, '?', url.len) : NULL;

	return query ? slice_span(url.data, (size_t)(query - url.data)) : url;
}

/* ---- the steps ---- */

static char step[LINE_MAX]; /* what is waited for */

static void begin_step(struct probing *probing, const char *what, struct slice url)
{
	struct slice part = without_query(url);

	snprintf(step, sizeof(step), "%s %.*s%s", what, (int)part.len, part.data ? part.data : "",
		 part.len < url.len ? "?..." : "");
	probing->step_ms = clock_steady_ms();
	probing->connects = false;
}

static void watch_asked(struct link *link, const struct call_request *request)
{
	struct slice name = call_method_text(request->method);
	char method[8];

	(void)link;
	snprintf(method, sizeof(method), "%.*s", (int)name.len, name.data);
	begin_step(current, method, slice_span(request->path.data, request->path.len));
}

static void watch_answered(struct link *link, const struct call_result *result)
{
	(void)link;
	if (result->status)
		tell(current, "%s: %u, %llu ms", step, result->status, step_took(current));
	else
		tell(current, "%s: no answer, %llu ms", step, step_took(current));
}

static void watch_connects(struct link *link, struct slice url)
{
	(void)link;
	begin_step(current, "socket", url);
	current->connects = true;
}

static void watch_opened(struct link *link)
{
	(void)link;
	tell(current, "%s: open, %llu ms", step, step_took(current));
	current->step_ms = clock_steady_ms();
	current->connects = false;
}

static const struct link_watch watch = { .asked = watch_asked,
					 .answered = watch_answered,
					 .connects = watch_connects,
					 .opened = watch_opened };

/* ---- the link ---- */

static void up(struct link *link, const struct foreign_person *self)
{
	struct probing *probing = current;

	link_is_up(link);
	link->up_ms = link->pinged_ms = link->upstream->worker->tick_ms;
	probing->up = true;
	put(probing, probing->name, sizeof(probing->name), self->name);
	put(probing, probing->id, sizeof(probing->id), self->id);
	probing->until_ms = clock_steady_ms() + PEOPLE_MS;
	if (probing->id[0])
		tell(probing, "login accepted as %s (id %s), %llu ms",
		     probing->name[0] ? probing->name : probing->id, probing->id,
		     step_took(probing));
	else
		tell(probing, "login accepted as a reader, %llu ms", step_took(probing));
}

static void down(struct link *link, bool was_up)
{
	struct probing *probing = current;

	(void)was_up;
	if (probing->over)
		return;
	if (probing->connects)
		tell(probing, "%s: not opened, %llu ms", step, step_took(probing));
	probing->over = true;
	probing->up = false;
	probing->refused = link->refused;
	put(probing, probing->why, sizeof(probing->why), slice_of(link->why));
}

static void ended(struct link *link, enum reason reason)
{
	(void)link;
	(void)reason;
}

static void frame(struct link *link, struct slice text)
{
	(void)link;
	(void)text;
}

static void heard(struct link *link, const struct call_heard *what)
{
	(void)link;
	(void)what;
}

static uint64_t hash(struct slice text)
{
	uint64_t sum = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < text.len; i++)
		sum = (sum ^ (unsigned char)text.data[i]) * UINT64_C(1099511628211);
	return sum;
}

static void known(struct link *link, const struct foreign_person *person, bool online,
		  struct slice trail)
{
	struct probing *probing = current;
	uint64_t id = hash(person->id);

	(void)link;
	(void)online;
	(void)trail;
	for (size_t i = 0; i < probing->people; i++)
		if (probing->seen[i] == id)
			return;
	if (person->id.len && probing->people < PROBING_PEOPLE_MOST)
		probing->seen[probing->people++] = id;
}

static void history(struct link *link, bool reaches)
{
	(void)link;
	(void)reaches;
}

static const struct link_ops ops = { .watch = &watch,
				     .up = up,
				     .down = down,
				     .ended = ended,
				     .frame = frame,
				     .heard = heard,
				     .known = known,
				     .history = history,
				     .fail = link_fail,
				     .pump = link_pump,
				     .settled = link_settled };

/* ---- the thread ---- */

static void begin(struct probing *probing, struct worker *worker)
{
	probing->upstream->worker = worker;
	probing->upstream->ops = &ops;
	probing->until_ms = clock_steady_ms() + PROBING_MS;
	probing->link = link_new(probing->upstream, &probing->account);
	link_begin(probing->link);
}

static void leave(struct probing *probing, struct worker *worker)
{
	probing->over = true;
	probing->upstream->paused = true;
	link_pause(probing->link);
	link_free(probing->link);
	probing->link = NULL;
	worker->stopped = true;
}

static void handle(struct worker *worker, struct post *post)
{
	if (post->kind == POST_DIALED)
		socket_call_dialed(worker, post);
	else if (post->kind == POST_FETCHED)
		http_call_fetched(worker, post);
	post_free(post);
}

static void turn(struct worker *worker)
{
	struct post *post = mailbox_take(&worker->box), *next;

	for (; post; post = next) {
		next = post->next;
		handle(worker, post);
	}
	if (!current->link && !current->over)
		begin(current, worker);
	socket_calls_flush(worker);
	if (current->over && current->link)
		leave(current, worker);
}

static void tick(struct worker *worker)
{
	struct probing *probing = current;

	socket_calls_tick(worker);
	if (!probing->link || probing->over)
		return;
	link_tick(probing->link);
	if (probing->over || clock_steady_ms() < probing->until_ms)
		return;
	probing->over = true;
	if (!probing->up)
		snprintf(probing->why, sizeof(probing->why), "nothing came of it within %d s",
			 PROBING_MS / 1000);
}

static const struct loop_ops loop_of = { .turn = turn, .tick = tick, .use = &life_user };

static bool refuse(struct probing *probing, const char *why)
{
	snprintf(probing->why, sizeof(probing->why), "%s", why);
	return false;
}

static bool run_loop(struct probing *probing, struct worker *worker)
{
	struct loop *loop = loop_new(worker, &loop_of);
	bool started = loop && loop_start(loop);

	if (started)
		loop_join(loop);
	dialer_free(worker->bridge->dialer);
	worker->bridge->dialer = NULL;
	worker->box.wake = NULL;
	loop_free(loop);
	return started || refuse(probing, "the thread of its own cannot start");
}

bool probing_run(struct probing *probing)
{
	struct bridge *bridge = probing->upstream->bridge;

	signal(SIGPIPE, SIG_IGN);
	current = probing;
	bridge->worker_count = 1;
	bridge->workers[0] = turn_worker_new(bridge, 0);
	bridge->dialer = dialer_new();
	if (!bridge->dialer)
		return refuse(probing, "libcurl cannot begin");
	loop_set_library();
	return run_loop(probing, bridge->workers[0]);
}

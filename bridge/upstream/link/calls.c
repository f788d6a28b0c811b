#include "bridge/upstream/link/calls.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/dial/http_call.h"
#include "bridge/dial/socket_call.h"
#include "bridge/upstream/link/trails.h"
#include "bridge/upstream/people/strangers.h"
#include "codecs/http.h"
#include "codecs/model/trail.h"
#include "codecs/text/memory.h"

#define CALL_MS            20000 /* for a request behind the login */
#define FRAME_SPARE        384   /* what a frame has besides a text, a trail among it */
#define SCRATCH_SPARE      1024
#define SCRATCH_KEPT       (16 * 1024) /* more is given back with the next call */
#define UNSENT_ENOUGH      (64 * 1024) /* then what is to be said waits with us */
#define UNSENT_MOST        (1024 * 1024)
#define REQUESTS_MOST      64 /* under way, of the codec's own */
#define RETRY_AFTER_MOST_S 3600

uint64_t link_wanted_ms(uint32_t retry_after_s)
{
	return (uint64_t)(retry_after_s < RETRY_AFTER_MOST_S ? retry_after_s : RETRY_AFTER_MOST_S) *
	       1000;
}

static void fail(struct link *link, struct slice why, bool refused, uint32_t retry_after_s)
{
	link->upstream->ops->fail(link, why, refused, retry_after_s);
}

/* ---- the sink ---- */

struct link_sink {
	struct call_sink doors;
	struct link *link;
};

static struct link *link_of(struct call_sink *doors)
{
	return ((struct link_sink *)doors)->link;
}

static void sink_up(struct call_sink *doors, const struct foreign_person *self)
{
	struct link *link = link_of(doors);

	if (link->state == LINK_GREETING)
		link->upstream->ops->up(link, self);
}

static void sink_refused(struct call_sink *doors, enum reason reason, struct slice text)
{
	struct link *link = link_of(doors);

	fail(link, call_why(reason, text),
	     reason != REASON_NO_ANSWER && reason != REASON_RATE_LIMITED, 0);
}

static void sink_heard(struct call_sink *doors, const struct call_heard *heard)
{
	struct link *link = link_of(doors);
	struct call_heard with = *heard;
	char out[TRAIL_MAX];

	with.event.origin.trail = link_trail_heard(link, doors->trail, out);
	link->upstream->ops->heard(link, &with);
}

static void sink_settled(struct call_sink *doors, const struct call_settled *settled)
{
	struct link *link = link_of(doors);

	link->upstream->ops->settled(link, settled);
}

static void sink_known(struct call_sink *doors, const struct foreign_person *person, bool online)
{
	struct link *link = link_of(doors);
	char out[TRAIL_MAX];

	/* Of who came from here, nobody is to come back. */
	if (link_trail_came_back(link, doors->trail))
		return;
	link->upstream->ops->known(link, person, online, link_trail_heard(link, doors->trail, out));
}

static void sink_send(struct call_sink *doors, struct slice frame)
{
	struct link *link = link_of(doors);

	if (link->socket && !socket_call_send(link->socket, frame))
		fail(link, SLICE("it does not read what it is sent"), false, 0);
}

static void request_begin(struct link *link, const struct call_request *request, uint64_t serial);

static void request_clear(struct call_request *request)
{
	json_clear(&request->path);
	json_clear(&request->body);
	json_clear(&request->authorization);
}

static void sink_ask(struct call_sink *doors, struct call_request *request)
{
	request_begin(link_of(doors), request, 0);
	request_clear(request);
}

static void sink_history(struct call_sink *doors, size_t count, bool reaches)
{
	struct link *link = link_of(doors);

	(void)count;
	link->upstream->ops->history(link, reaches);
}

static struct link_sink sink_of(struct link *link)
{
	return (struct link_sink){ .doors = { .up = sink_up,
					      .refused = sink_refused,
					      .heard = sink_heard,
					      .settled = sink_settled,
					      .known = sink_known,
					      .send = sink_send,
					      .ask = sink_ask,
					      .history = sink_history },
				   .link = link };
}

/* What a codec may look at during a call that reads so many bytes. Within one, nothing else of it
 * is called, and the link does not end: link_calls_leave() follows. */
static void prepare(struct link *link, size_t bytes)
{
	const struct upstream *upstream = link->upstream;

	link->peer.now_ms = upstream->worker->now_ms;
	link->peer.aside = upstream->front && upstream->ear && upstream->ear != link;
	if (link->scratch_size < bytes + SCRATCH_SPARE ||
	    (link->scratch_size > SCRATCH_KEPT && bytes + SCRATCH_SPARE <= SCRATCH_KEPT &&
	     !link->calling)) {
		link->scratch_size = bytes + SCRATCH_SPARE;
		link->peer.scratch = memory_resize(link->peer.scratch, link->scratch_size);
	}
	link->calling++;
}

static void leave(struct link *link)
{
	char why[LINK_WHY_MAX];

	if (--link->calling || !link->failing)
		return;
	link->failing = false;
	memcpy(why, link->why, sizeof(why));
	fail(link, slice_of(why), link->refused, link->retry_after_s);
}

enum call_step link_calls_plan(struct link *link, const struct call_result *previous,
			       struct call_plan *plan)
{
	struct link_sink sink = sink_of(link);

	enum call_step step;

	prepare(link, previous ? previous->body.len : 0);
	step = upstream_calls(link->upstream)->plan(&link->peer, previous, plan, &sink.doors);
	leave(link);
	return step;
}

void link_calls_clear(struct call_plan *plan)
{
	request_clear(&plan->request);
	json_clear(&plan->socket_url);
	json_clear(&plan->authorization);
}

/* What say() is to be given for an item. */
static void put_words(const struct saying_item *item, const struct upstream *upstream,
		      struct call_said *said)
{
	const struct stranger *subject =
	    item->subject_id[0] ? strangers_find_id(upstream->people, slice_of(item->subject_id))
				: NULL;

	*said = (struct call_said){ .serial = item->serial,
				    .event = item->saying->event,
				    .text = item->text };
	if (item->target[0])
		said->target = slice_of(item->target);
	if (item->subject_id[0])
		said->subject.id = slice_of(item->subject_id);
	if (subject)
		said->subject.name = subject->name.len ? subject->name : subject->person.name;
}

/* ---- requests ---- */

static struct slice written(const struct json_writer *w)
{
	return w->len ? slice_span(w->data, w->len) : (struct slice){ NULL, 0 };
}

static const char *or_none(const char *text)
{
	return text && *text ? text : NULL;
}

/* Made for the call; free(). */
static char *url_of(const struct link *link, const struct call_request *request, struct slice *url)
{
	struct slice base = link->account.url;
	char *text = memory_new(base.len + request->path.len + 1);

	memcpy(text, base.data, base.len);
	memcpy(text + base.len, request->path.data, request->path.len);
	*url = slice_span(text, base.len + request->path.len);
	return text;
}

static struct http_call *call_begin(struct link *link, const struct call_request *request,
				    uint32_t timeout_ms,
				    void (*done)(void *, const struct http_call_result *),
				    void *user)
{
	const struct conf_upstream *conf = link->upstream->conf;
	char method[8];
	struct slice name = call_method_text(request->method), url;
	char *text = url_of(link, request, &url);
	struct http_call_request call = { .method = method,
					  .url = url,
					  .authorization = written(&request->authorization),
					  .body = written(&request->body),
					  .instance = slice_span(link->upstream->bridge->instance,
								 UUID_TEXT_LEN),
					  .ca_file = or_none(conf->ca_file),
					  .proxy = or_none(conf->proxy),
					  .timeout_ms = timeout_ms };
	struct http_call *begun;

	memcpy(method, name.data, name.len);
	method[name.len] = '\0';
	begun = http_call_new(link->upstream->worker, &call, done, user);
	free(text);
	return begun;
}

static struct call_result result_of(const struct http_call_result *result, uint32_t tag)
{
	return (struct call_result){ .tag = tag,
				     .status = result->status,
				     .body = result->body,
				     .why = result->why,
				     .more = result->more };
}

/* Of the login: one at a time. */
struct asked {
	struct link *link;
	uint32_t tag;
	void (*next)(struct link *, const struct call_result *);
};

static void login_answered(void *user, const struct http_call_result *result)
{
	struct asked asked = *(struct asked *)user;
	struct call_result brought = result_of(result, asked.tag);

	free(user);
	asked.link->asking = NULL;
	asked.link->login_asked = NULL;
	if (asked.link->upstream->ops->watch)
		asked.link->upstream->ops->watch->answered(asked.link, &brought);
	if (result->retry_after_s && (result->status == 429 || result->status == 503))
		fail(asked.link, SLICE("it is busy"), false, result->retry_after_s);
	else
		asked.next(asked.link, &brought);
}

void link_calls_ask(struct link *link, const struct call_request *request,
		    void (*next)(struct link *, const struct call_result *))
{
	struct asked *asked = memory_zeroed(1, sizeof(*asked));

	*asked = (struct asked){ link, request->tag, next };
	link->login_asked = asked;
	if (link->upstream->ops->watch)
		link->upstream->ops->watch->asked(link, request);
	link->asking = call_begin(link, request, CALL_MS, login_answered, asked);
}

/* Behind the login. */
static void request_end(struct link_request *request)
{
	struct link_request **at = &request->link->requests;

	while (*at != request)
		at = &(*at)->next;
	*at = request->next;
	free(request);
}

/* It was sent by the connection before: what became of it is still asked for. */
static bool is_doubted(const struct link *link, const struct saying_item *item)
{
	return link->state != LINK_UP || item->sent_ms < link->up_ms;
}

/* An item's, or nobody's. */
static void answer_take(struct link *link, const struct saying_item *item,
			const struct call_result *brought)
{
	struct link_sink sink = sink_of(link);
	struct call_said said;

	prepare(link, brought->body.len);
	if (item)
		put_words(item, link->upstream, &said);
	upstream_calls(link->upstream)
	    ->answered(&link->peer, item ? &said : NULL, brought, &sink.doors);
	leave(link);
}

static void request_answered(void *user, const struct http_call_result *result)
{
	struct link_request *request = user;
	struct link *link = request->link;
	struct call_result brought = result_of(result, request->tag);
	struct saying_item *item =
	    request->serial ? sayings_find(&link->sayings, request->serial) : NULL;
	uint64_t serial = request->serial;

	request_end(request);
	if (result->retry_after_s && result->status == 429)
		link->next_say_ms =
		    link->upstream->worker->tick_ms + link_wanted_ms(result->retry_after_s);
	/* It may have been carried out: whether it was is found out as after any other break. */
	if (item && result->status == 0 && !is_doubted(link, item))
		fail(link, result->why, false, 0);
	else if (item ? result->status != 0 : !serial)
		answer_take(link, item, &brought);
	link->upstream->ops->pump(link);
}

static void request_begin(struct link *link, const struct call_request *request, uint64_t serial)
{
	struct link_request *begun, *next;
	size_t count = 0;

	/* One of the connection before, of an item that is sent again, is not listened to. */
	for (begun = link->requests; begun; begun = next) {
		next = begun->next;
		if (serial && begun->serial == serial) {
			http_call_cancel(begun->call);
			request_end(begun);
		} else {
			count++;
		}
	}
	if (!serial && count >= REQUESTS_MOST)
		return;
	begun = memory_zeroed(1, sizeof(*begun));
	begun->link = link;
	begun->serial = serial;
	begun->tag = request->tag;
	begun->next = link->requests;
	link->requests = begun;
	begun->call = call_begin(link, request, CALL_MS, request_answered, begun);
}

/* ---- the socket ---- */

static void socket_open(void *user, struct slice instance)
{
	struct link *link = user;
	struct link_sink sink = sink_of(link);

	if (slice_equal(instance, slice_span(link->upstream->bridge->instance, UUID_TEXT_LEN))) {
		fail(link, SLICE("it is this server itself"), true, 0);
		return;
	}
	link_trail_meet(link, instance);
	if (link->upstream->ops->watch)
		link->upstream->ops->watch->opened(link);
	link->state = LINK_GREETING;
	link->deadline_ms = link->upstream->worker->tick_ms + 10000;
	prepare(link, 0);
	if (upstream_calls(link->upstream)->open)
		upstream_calls(link->upstream)->open(&link->peer, &sink.doors);
	leave(link);
	link->upstream->ops->pump(link);
}

void link_calls_hear(struct link *link, struct slice text)
{
	struct link_sink sink = sink_of(link);
	enum reason reason;

	prepare(link, text.len);
	reason = upstream_calls(link->upstream)->decode(&link->peer, text, &sink.doors);
	if (reason != REASON_NONE)
		upstream_ledger(link->upstream)->bad_frames++;
	leave(link);
}

static void socket_message(void *user, struct slice text)
{
	struct link *link = user;

	link->upstream->ops->frame(link, text);
	link_calls_hear(link, text);
	link->upstream->ops->pump(link);
}

static void socket_drained(void *user)
{
	struct link *link = user;

	link->upstream->ops->pump(link);
}

static void socket_end(void *user, const struct socket_call_end *end)
{
	struct link *link = user;
	bool refused = end->status == 401 || end->status == 403 || end->code == 1008;

	fail(link, end->why, refused, end->retry_after_s);
}

void link_calls_connect(struct link *link, const struct call_plan *plan, uint32_t within_ms)
{
	static const struct socket_call_user use = { .open = socket_open,
						     .message = socket_message,
						     .drained = socket_drained,
						     .end = socket_end };
	const struct conf_upstream *conf = link->upstream->conf;
	struct socket_call_request request = { .url = written(&plan->socket_url),
					       .authorization = written(&plan->authorization),
					       .instance = slice_span(
						   link->upstream->bridge->instance, UUID_TEXT_LEN),
					       .ca_file = or_none(conf->ca_file),
					       .proxy = or_none(conf->proxy),
					       .group = conf->name,
					       .message_bytes = 1024 * 1024,
					       .unsent_bytes = UNSENT_MOST,
					       .connect_ms = within_ms };

	if (link->upstream->ops->watch)
		link->upstream->ops->watch->connects(link, request.url);
	link->socket = socket_call_new(link->upstream->worker, &request, &use, link);
}

void link_calls_ping(struct link *link)
{
	struct call_out out = { .echoes = false };
	const struct codec_calls *calls = upstream_calls(link->upstream);

	prepare(link, 0);
	if (calls->keepalive && calls->keepalive(&link->peer, &out) == CODEC_OK && out.frame.len)
		(void)!socket_call_send(link->socket, written(&out.frame));
	else
		socket_call_ping(link->socket);
	leave(link);
	json_clear(&out.frame);
	request_clear(&out.request);
}

/* ---- what is said ---- */

static bool carry_out(struct link *link, struct saying_item *item, const struct call_out *out)
{
	if (out->frame.len && socket_call_unsent(link->socket) > UNSENT_ENOUGH)
		return false;
	if (out->frame.len && !socket_call_send(link->socket, written(&out->frame)))
		return false;
	if (out->request.path.len)
		request_begin(link, &out->request, item ? item->serial : 0);
	return true;
}

bool link_calls_say(struct link *link, struct saying_item *item, enum reason *why)
{
	struct call_out out = { .echoes = false };
	struct call_said said;
	bool taken = false;

	*why = REASON_NONE;
	put_words(item, link->upstream, &said);
	prepare(link, said.text.len + said.event->text.len);
	json_start(&out.frame, 0, said.text.len + FRAME_SPARE);
	if (upstream_calls(link->upstream)->say(&link->peer, &said, &out, why) == CODEC_OK) {
		item->settling = out.settling;
		item->echoes = out.echoes;
		link_trail_put(link, item, out.frame.len ? &out.frame : &out.request.body);
		taken = carry_out(link, item, &out);
	} else if (*why == REASON_NONE) {
		*why = REASON_UNSUPPORTED;
	}
	leave(link);
	json_clear(&out.frame);
	request_clear(&out.request);
	return taken;
}

bool link_calls_history(struct link *link, uint32_t count)
{
	struct call_out out = { .echoes = false };
	const struct codec_calls *calls = upstream_calls(link->upstream);
	bool asked;

	if (!calls->has_history)
		return false;
	prepare(link, 0);
	asked = calls->history(&link->peer, count, &out) == CODEC_OK && carry_out(link, NULL, &out);
	leave(link);
	json_clear(&out.frame);
	request_clear(&out.request);
	return asked;
}

/* What is written at the end of the turn would not go out: the socket is gone by then. */
void link_calls_goodbye(struct link *link)
{
	if (!link->socket)
		return;
	socket_call_close(link->socket, 1000);
	socket_call_flush(link->socket);
}

bool link_calls_under_way(const struct link *link)
{
	const struct link_request *request = link->requests;

	while (request && !request->serial)
		request = request->next;
	return request != NULL;
}

void link_calls_drop(struct link *link, bool all)
{
	struct link_request *request = link->requests, *next;

	socket_call_free(link->socket);
	link->socket = NULL;
	http_call_cancel(link->asking);
	link->asking = NULL;
	free(link->login_asked);
	link->login_asked = NULL;
	for (; request; request = next) {
		next = request->next;
		if (!all && request->serial)
			continue;
		http_call_cancel(request->call);
		request_end(request);
	}
}

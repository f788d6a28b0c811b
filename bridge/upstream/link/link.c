#include "bridge/upstream/link/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bridge/core/log/log_limit.h"
#include "bridge/dial/http_call.h"
#include "bridge/dial/socket_call.h"
#include "bridge/upstream/link/calls.h"
#include "bridge/upstream/link/hiding.h"
#include "bridge/upstream/link/say.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

#define RETRY_MS         500
#define RETRY_REFUSED_MS 60000
#define SETTLED_UP_MS    30000 /* up so long, it begins with short pauses again */
#define STEP_MS          10000 /* for a step of the login */
#define LOGINS_AT_ONCE                                                                             \
	256               /* of an upstream: more would wait for each other until STEP_MS is over */
#define WAKE_MS      1000 /* within that all come back, once one has */
#define SILENCE_MS   25000 /* then it is pinged */
#define DEAD_MS      45000 /* not a byte for so long: it is gone */
#define ECHO_MS      2000  /* what was said is heard again until then, or not */
#define UNSETTLED_MS 30000 /* no answer to what was sent for so long: it may be lost */
#define WHY_READ     1024
#define WHY_KEPT     180

_Static_assert(WHY_KEPT < LINK_WHY_MAX, "it is kept");

const char *link_state_name(enum link_state state)
{
	static const char *const names[] = { "down",     "asking", "connecting",
					     "greeting", "up",     "closing" };

	return names[state];
}

static char *copy(struct slice text)
{
	return text.data ? memory_text(text.data, text.len) : NULL;
}

struct slice link_keep(struct slice text)
{
	return (struct slice){ copy(text), text.len };
}

struct link *link_new(struct upstream *upstream, const struct call_account *account)
{
	struct link *link = memory_zeroed(1, sizeof(*link)), **last = &upstream->links;

	link->upstream = upstream;
	link->account = *account;
	link->account.url = link_keep(account->url);
	link->account.socket_path = link_keep(account->socket_path);
	link->account.user = link_keep(account->user);
	link->account.secret = link_keep(account->secret);
	link->account.room = link_keep(account->room);
	link->peer.account = &link->account;
	link->peer.json_depth = (uint16_t)upstream->bridge->limits.json_depth;
	link->peer.state = memory_zeroed(1, upstream_calls(upstream)->state_size + 1);
	link->since_ms = upstream->worker->now_ms;
	while (*last)
		last = &(*last)->next;
	*last = link;
	upstream->link_count++;
	return link;
}

static void secret_free(struct slice *secret)
{
	if (secret->data)
		explicit_bzero((char *)(uintptr_t)secret->data, secret->len);
	free((char *)(uintptr_t)secret->data);
}

static void text_free(struct slice *text)
{
	free((char *)(uintptr_t)text->data);
	*text = (struct slice){ NULL, 0 };
}

/* Whatever connects it; all: as of link_calls_drop(). */
static void cut(struct link *link, bool all)
{
	const struct codec_calls *calls = upstream_calls(link->upstream);

	link_calls_drop(link, all);
	if (calls->close)
		calls->close(&link->peer);
	memset(link->peer.state, 0, calls->state_size + 1);
	text_free(&link->peer.self.id);
	text_free(&link->peer.self.name);
	link->peer.self = (struct foreign_person){ .roles = 0 };
	link->settling = false;
}

void link_free(struct link *link)
{
	struct upstream *upstream = link->upstream;
	struct link **at = &upstream->links;

	link_end(link, REASON_CLOSING);
	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	upstream->link_count--;
	if (upstream->ear == link)
		upstream->ear = NULL;
	text_free(&link->account.url);
	text_free(&link->account.socket_path);
	text_free(&link->account.user);
	secret_free(&link->account.secret);
	text_free(&link->account.room);
	text_free(&link->person.name);
	free(link->peer.state);
	free(link->peer.scratch);
	free(link);
}

static void count_login(struct link *link, bool under_way)
{
	if (under_way && !link->logging_in)
		link->upstream->logging_in++;
	else if (!under_way && link->logging_in)
		link->upstream->logging_in--;
	link->logging_in = under_way;
}

static void state_set(struct link *link, enum link_state state, uint32_t within_ms)
{
	const struct worker *worker = link->upstream->worker;

	count_login(link,
		    state == LINK_ASKING || state == LINK_CONNECTING || state == LINK_GREETING);
	link->state = state;
	link->since_ms = worker->now_ms;
	link->deadline_ms = within_ms ? worker->tick_ms + within_ms : 0;
}

/* ---- it fails ---- */

static uint64_t chance_of(uint64_t below)
{
	uint32_t chance = 0;

	(void)!getrandom(&chance, sizeof(chance), 0);
	return chance % below;
}

/* Up to twice as long each time; any part of that, so that many do not come at once. */
static uint64_t jitter_ms(const struct link *link)
{
	uint64_t most = (uint64_t)link->upstream->conf->retry_seconds_max * 1000, span = RETRY_MS;

	for (unsigned i = 1; i < link->attempts && span < most; i++)
		span *= 2;
	span = span > most ? most : span;
	return span / 4 + chance_of(span - span / 4 + 1);
}

/* What the server wants is the least: all whom it has sent away would come back together. */
static uint64_t pause_ms(const struct link *link, uint32_t retry_after_s)
{
	uint64_t wanted = link_wanted_ms(retry_after_s);

	if (link->refused && wanted < RETRY_REFUSED_MS)
		wanted = RETRY_REFUSED_MS;
	return wanted + jitter_ms(link);
}

/* The server's words may hold what it was sent, and go to the log and to clients. */
static void why_set(struct link *link, struct slice why)
{
	struct slice part = text_clip(why, WHY_READ);
	char text[WHY_READ + 1];

	snprintf(text, sizeof(text), "%.*s", (int)part.len, part.data ? part.data : "");
	upstream_hide(text, link->account.secret);
	part = text_clip(slice_of(text), WHY_KEPT);
	snprintf(link->why, sizeof(link->why), "%.*s", (int)part.len, part.data);
	explicit_bzero(text, sizeof(text));
}

static void log_down(const struct link *link)
{
	char why[4 * LINK_WHY_MAX + 1];
	struct log_fields fields = { .event = "upstream_down",
				     .dialect = link->upstream->codec->name,
				     .backend = link->upstream->conf->name };

	log_each_limited(LOG_UPSTREAM_DOWN, link->upstream->index, link->upstream->conf->name,
			 LOG_WARNING, &fields, "upstream %s: %s", link->upstream->conf->name,
			 text_escape(slice_of(link->why), why, sizeof(why)));
}

/* What was sent is in doubt; where there is a history it can tell. */
static void doubt(struct link *link)
{
	struct saying_item *item = link->sayings.first, *next;
	bool can_tell = upstream_calls(link->upstream)->has_history;

	for (; item; item = next) {
		next = item->next;
		/* One that the server has agreed to is in no doubt: expire() ends it. */
		if (item->state != SAYING_SENT || item->settled_ms)
			continue;
		if (item->settling == SETTLES_SENT)
			link_finish(link, item, REASON_NONE, (struct slice){ NULL, 0 }, false);
		else if (can_tell && item->saying->event->kind == KIND_MESSAGE)
			link->doubts = true;
		else if (item->saying->event->kind != KIND_MESSAGE)
			sayings_mark(&link->sayings, item, SAYING_WAITING); /* twice is once */
		else
			link_finish(link, item, REASON_NO_ANSWER, (struct slice){ NULL, 0 }, true);
	}
}

void link_doubt(struct link *link)
{
	struct saying_item *item = link->sayings.first;

	if (!upstream_calls(link->upstream)->has_history)
		return;
	for (; item; item = item->next) {
		if (item->state != SAYING_WAITING || item->saying->event->kind != KIND_MESSAGE)
			continue;
		item->settling = SETTLES_ECHO;
		item->echoes = true;
		item->said_ms = item->saying->event->time_ms;
		sayings_mark(&link->sayings, item, SAYING_SENT);
		link->doubts = true;
	}
}

void link_fail(struct link *link, struct slice why, bool refused, uint32_t retry_after_s)
{
	struct upstream *upstream = link->upstream;
	struct upstream_ledger *ledger = upstream_ledger(upstream);
	bool was_up = link->state == LINK_UP;

	if (link->state == LINK_CLOSING || link->state == LINK_DOWN || link->failing)
		return;
	why_set(link, why);
	/* Its codec is at work: it ends when that is done. */
	if (link->calling) {
		link->failing = true;
		link->refused = refused;
		link->retry_after_s = retry_after_s;
		return;
	}
	if (was_up && upstream->worker->tick_ms - link->up_ms >= SETTLED_UP_MS)
		link->attempts = 0;
	link->attempts++;
	link->refused = refused;
	link->retry_after_s = retry_after_s;
	ledger->failed += !refused;
	ledger->logins_refused += refused;
	cut(link, false);
	state_set(link, LINK_DOWN, 0);
	link->retry_ms = upstream->worker->tick_ms + pause_ms(link, retry_after_s);
	log_down(link);
	doubt(link);
	upstream->ops->down(link, was_up);
}

/* The goodbye may find that the connection is broken: then it has failed by itself. */
void link_pause(struct link *link)
{
	bool was_up = link->state == LINK_UP;

	if (link->state == LINK_CLOSING)
		return;
	link_calls_goodbye(link);
	snprintf(link->why, sizeof(link->why), "paused");
	link->refused = false;
	link->attempts = 0;
	link->since_ms = link->upstream->worker->now_ms;
	if (link->state == LINK_DOWN)
		return;
	cut(link, false);
	state_set(link, LINK_DOWN, 0);
	doubt(link);
	link->upstream->ops->down(link, was_up);
}

void link_resume(struct link *link)
{
	if (link->state != LINK_DOWN)
		return;
	link->why[0] = '\0';
	link->retry_ms = 0;
	link_begin(link);
}

void link_end(struct link *link, enum reason reason)
{
	if (link->state == LINK_CLOSING)
		return;
	/* What was said in this turn is still to go out. */
	link_calls_goodbye(link);
	cut(link, true);
	state_set(link, LINK_CLOSING, 0);
	while (link->sayings.first) {
		struct saying_item *item = link->sayings.first;

		link_finish(link, item, reason, (struct slice){ NULL, 0 },
			    item->state == SAYING_SENT);
	}
	link->upstream->ops->ended(link, reason);
}

/* ---- the login ---- */

static void step(struct link *link, const struct call_result *previous)
{
	struct call_plan plan = { .reason = REASON_NONE };

	switch (link_calls_plan(link, previous, &plan)) {
	case CALL_ASK:
		state_set(link, LINK_ASKING, STEP_MS);
		link_calls_ask(link, &plan.request, step);
		break;
	case CALL_CONNECT:
		state_set(link, LINK_CONNECTING, STEP_MS + 2000);
		link_calls_connect(link, &plan, STEP_MS);
		break;
	case CALL_REFUSED:
		link_fail(link, call_why(plan.reason, plan.text),
			  plan.reason != REASON_NO_ANSWER && plan.reason != REASON_RATE_LIMITED, 0);
		break;
	}
	link_calls_clear(&plan);
}

/* The first that is back, after none was: the server is, for all. */
static void wake_others(const struct link *back)
{
	uint64_t now = back->upstream->worker->tick_ms;
	struct link *link = back->upstream->links;

	while (link && (link == back || link->state != LINK_UP))
		link = link->next;
	if (link || !back->attempts)
		return;
	for (link = back->upstream->links; link; link = link->next)
		if (link->state == LINK_DOWN && !link->refused && !link->retry_after_s &&
		    link->retry_ms > now + WAKE_MS)
			link->retry_ms = now + chance_of(WAKE_MS);
}

void link_is_up(struct link *link)
{
	state_set(link, LINK_UP, 0);
	wake_others(link);
}

void link_begin(struct link *link)
{
	if (link->state != LINK_DOWN || link->upstream->paused ||
	    link->upstream->worker->tick_ms < link->retry_ms ||
	    link->upstream->logging_in >= LOGINS_AT_ONCE)
		return;
	state_set(link, LINK_ASKING, STEP_MS);
	step(link, NULL);
}

/* ---- timers ---- */

/* No answer came to what was sent; or the server has been away for too long to ask it. */
static bool is_lost(const struct link *link, const struct saying_item *item)
{
	uint64_t now = link->upstream->worker->tick_ms;

	if (item->state != SAYING_SENT)
		return false;
	if (link->state == LINK_UP)
		return !link->settling && now - item->sent_ms >= UNSETTLED_MS;
	return now - item->first_ms >= (uint64_t)link->upstream->conf->outbox_seconds * 1000;
}

static void expire(struct link *link)
{
	const struct conf_upstream *conf = link->upstream->conf;
	uint64_t now = link->upstream->worker->tick_ms;
	struct saying_item *item = link->sayings.first, *next;

	for (; item; item = next) {
		next = item->next;
		if (item->state == SAYING_WAITING &&
		    now - item->first_ms >= (uint64_t)conf->outbox_seconds * 1000)
			link_expire(link, item);
		else if (item->settled_ms && now - item->settled_ms >= ECHO_MS)
			link_finish(link, item, REASON_NONE, (struct slice){ NULL, 0 }, false);
		else if (!item->settled_ms && is_lost(link, item))
			link_finish(link, item, REASON_NO_ANSWER, (struct slice){ NULL, 0 }, true);
	}
}

static void keep_alive(struct link *link)
{
	uint64_t now = link->upstream->worker->tick_ms;
	uint64_t heard = link->socket ? socket_call_heard_ms(link->socket) : now;

	if (heard > now)
		heard = now;
	if (now - heard >= DEAD_MS) {
		link_fail(link, SLICE("nothing came for 45 s"), false, 0);
		return;
	}
	if (now - heard < SILENCE_MS || now - link->pinged_ms < SILENCE_MS / 4)
		return;
	link->pinged_ms = now;
	link_calls_ping(link);
}

/* One that is up waits for its history alone: what is not told is not known. */
static void be_late(struct link *link)
{
	if (link->state != LINK_UP) {
		link_fail(link,
			  link->state == LINK_GREETING ? SLICE("the login was not answered in time")
						       : SLICE("no answer in time"),
			  false, 0);
		return;
	}
	link->deadline_ms = 0;
	if (link->settling)
		link->upstream->ops->history(link, false);
}

void link_tick(struct link *link)
{
	if (link->state == LINK_CLOSING)
		return;
	if (link->deadline_ms && link->upstream->worker->tick_ms >= link->deadline_ms)
		be_late(link);
	if (link->state == LINK_UP)
		keep_alive(link);
	expire(link);
	if (link->state == LINK_DOWN)
		link_begin(link);
	if (link->state == LINK_UP)
		link_pump(link);
}

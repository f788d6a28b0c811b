#include "bridge/upstream/saying.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/durable/release.h"
#include "bridge/order/order.h"
#include "bridge/trace/trace.h"
#include "bridge/upstream/id_map.h"
#include "bridge/upstream/link/link.h"
#include "bridge/upstream/link/trails.h"
#include "bridge/upstream/people/strangers.h"
#include "bridge/upstream/reacting.h"
#include "bridge/upstream/saying_text.h"
#include "bridge/upstream/speaking.h"
#include "bridge/upstream/telling.h"
#include "codecs/text/memory.h"
#include "routes/deliver/adapt.h"
#include "routes/deliver/degrade.h"

/* ---- in which words ---- */

/* In how many messages that one is there, or will be. */
static size_t parts_of(const struct upstream *upstream, uint64_t ours)
{
	struct slice names[ID_MAP_PARTS_MAX];
	size_t count = id_map_theirs(upstream->ids, ours, names, ID_MAP_PARTS_MAX);
	const struct saying *making = NULL;

	if (!count && !upstream->front && upstream->links)
		making = sayings_making(&upstream->links->sayings, ours);
	return making ? making->parts : count;
}

/* The server has a word for the kind, and this one can be said in it. */
static bool is_native(const struct upstream *upstream, const struct envelope *event)
{
	if (upstream_calls(upstream)->can[event->kind].out != RULE_NATIVE)
		return false;
	/* What was said in several messages cannot be changed into one. */
	return event->kind != KIND_EDIT || parts_of(upstream, event->target) < 2;
}

static enum codec_rule rule_of(const struct upstream *upstream, const struct envelope *event)
{
	if (is_native(upstream, event))
		return RULE_NATIVE;
	if (upstream_calls(upstream)->can[event->kind].out == RULE_NATIVE)
		return RULE_TEXT;
	return upstream_calls(upstream)->can[event->kind].out;
}

/* Said in other words; NULL: there is nothing to say. */
static const struct envelope *degrade(const struct upstream *upstream, const struct envelope *event,
				      enum codec_rule rule)
{
	struct degraded other;
	const struct envelope *said = NULL;

	if (rule == RULE_DROP || !degrade_event(event, rule, AUDIENCE_OTHERS, NULL, &other))
		return NULL;
	/* What the bridge says is a message there, too. */
	if (other.event.kind == KIND_NOTICE &&
	    upstream_calls(upstream)->can[KIND_NOTICE].out != RULE_NATIVE)
		other.event.kind = KIND_MESSAGE;
	said = envelope_seal(&other.event);
	degrade_clear(&other);
	return said;
}

/* The event in the words in which it is said, held; NULL: there is nothing to say. */
static const struct envelope *in_words(const struct upstream *upstream,
				       const struct envelope *event, enum codec_rule rule)
{
	struct degraded emotes = { .text = NULL };
	const struct envelope *said;
	bool other = emotes_needed(event, event->origin.dialect, upstream->codec);

	if (other) {
		emotes_event(event, upstream->codec, true, &emotes);
		event = &emotes.event;
	}
	if (rule != RULE_NATIVE)
		said = degrade(upstream, event, rule);
	else if (other || upstream->front) /* a draft changes when it is ordered */
		said = envelope_seal(event);
	else
		said = envelope_hold(event);
	degrade_clear(&emotes);
	return said;
}

static bool has_text(const struct envelope *event)
{
	return event->kind == KIND_MESSAGE || event->kind == KIND_EDIT ||
	       event->kind == KIND_NOTICE;
}

/* Takes said: it is told as of somebody else, and no action of who tells it. */
static const struct envelope *without_action(const struct envelope *said)
{
	struct envelope plain = *said;
	const struct envelope *sealed;

	if (!(said->flags & FLAG_ACTION))
		return said;
	plain.flags &= ~(uint32_t)FLAG_ACTION;
	sealed = envelope_seal(&plain);
	envelope_release(said);
	return sealed;
}

/* Takes said. */
static struct saying *saying_make(const struct upstream *upstream, const struct envelope *said)
{
	struct saying *saying = memory_zeroed(1, sizeof(*saying));
	const char *format = upstream->front ? "" : upstream->conf->nick_format;
	bool in_words = !upstream->front || saying_words_action(upstream_calls(upstream), said);
	struct json_writer text, calm;
	struct slice whole;
	size_t who_len = 0;

	saying->event = said;
	if (!has_text(said))
		return saying;
	json_start(&text, 0, said->text.len + 80);
	json_start(&calm, 0, said->text.len + 80);
	if (in_words)
		who_len = saying_put_text(&text, said, format);
	else if (said->text.len)
		json_put_literal(&text, said->text.data, said->text.len);
	whole = slice_span(text.data, text.len);
	saying->who_len = who_len;
	if (upstream->conf->mentions) {
		json_put_literal(&calm, text.data, text.len);
	} else {
		saying_put_calm(&calm, whole);
		saying->who_len = saying_calm_len(slice_span(text.data, who_len));
	}
	json_clear(&text);
	if (in_words)
		saying->event = without_action(said);
	saying->text = calm.data;
	saying->text_len = calm.len;
	return saying;
}

/* ---- into the queue ---- */

static struct saying_item *item_new(struct link *link, struct saying *saying, struct slice text)
{
	struct upstream *upstream = link->upstream;
	struct saying_item *item = memory_zeroed(1, sizeof(*item));
	const struct stranger *subject = NULL;

	item->saying = saying;
	item->serial = upstream_serial(upstream);
	item->text = text;
	item->first_ms = upstream->worker->tick_ms;
	if (saying->event->subject.number)
		subject = strangers_find_number(upstream->people, saying->event->subject.number);
	if (subject && subject->id.len <= FOREIGN_ID_MAX)
		memcpy(item->subject_id, subject->id.data, subject->id.len);
	saying->parts++;
	saying->left++;
	return item;
}

static void enqueue(struct link *link, struct saying_item *item)
{
	sayings_add(&link->sayings, item);
}

static struct text_cut cut_of(const struct link *link, const struct saying *saying)
{
	return text_cut_begin(slice_span(saying->text, saying->text_len), saying->who_len,
			      upstream_calls(link->upstream)->text_max);
}

/* In how many messages it is said. Of those that are too many, some more than may be. */
static size_t cut_count(const struct link *link, const struct saying *saying)
{
	struct text_cut cut = cut_of(link, saying);

	do
		text_cut_next(&cut);
	while (cut.rest.len && cut.number <= ID_MAP_PARTS_MAX);
	return cut.number;
}

/* In as many messages as it takes there, which each say who it is of. */
static void enqueue_text(struct link *link, struct saying *saying)
{
	struct text_cut cut = cut_of(link, saying), again = cut;
	struct json_writer parts;
	size_t at = 0;

	json_start(&parts, 0, saying->text_len + 80);
	do
		text_cut_put(&parts, &cut);
	while (cut.rest.len);
	do {
		size_t len = text_cut_next(&again);
		struct saying_item *item = item_new(link, saying, slice_span(parts.data + at, len));

		at += len;
		if (again.number > 1 || again.rest.len)
			item->part = again.number;
		enqueue(link, item);
	} while (again.rest.len);
	free(saying->text);
	saying->text = parts.data;
	saying->text_len = parts.len;
}

/* What happens to a message, of which so many parts are concerned: to each of them. What they are
 * called there may not be known yet. */
static void enqueue_deed(struct link *link, struct saying *saying, size_t parts)
{
	bool says = has_text(saying->event);
	struct slice text = { says ? saying->text : NULL, says ? saying->text_len : 0 };

	for (size_t i = 0; i < parts; i++) {
		struct saying_item *item = item_new(link, saying, text);

		item->about = saying->event->target;
		item->about_part = (unsigned)i;
		enqueue(link, item);
	}
}

bool saying_ready(struct link *link, struct saying_item *item, enum reason *why)
{
	struct slice names[ID_MAP_PARTS_MAX];
	size_t count;

	*why = REASON_NONE;
	if (!item->about)
		return true;
	count = id_map_theirs(link->upstream->ids, item->about, names, ID_MAP_PARTS_MAX);
	if (!count && !link->upstream->front && sayings_making(&link->sayings, item->about))
		return false;
	if (item->about_part >= count) {
		*why = REASON_UNKNOWN_MESSAGE;
		return false;
	}
	memcpy(item->target, names[item->about_part].data, names[item->about_part].len);
	item->about = 0;
	return true;
}

/* What was said before the start is said again, whoever said it. */
static enum reason room_for(const struct link *link, const struct saying *saying)
{
	const struct conf_upstream *conf = link->upstream->conf;
	bool again = link->upstream->resuming.under_way;
	uint32_t number = saying->origin && !again ? saying->origin->author.number : 0;

	return sayings_room(&link->sayings, number, (size_t)conf->outbox_entries,
			    (size_t)conf->outbox_bytes);
}

/* Takes saying. Not REASON_NONE: it was not taken. */
static enum reason enqueue_all(struct link *link, struct saying *saying)
{
	enum reason full = room_for(link, saying);
	bool acts = envelope_acts_on_message(saying->event->kind);
	size_t count = acts ? parts_of(link->upstream, saying->event->target) : 0;

	if (full != REASON_NONE)
		return full;
	if (acts && !count)
		return REASON_UNKNOWN_MESSAGE;
	/* Else it could not be deleted there. */
	if (!acts && has_text(saying->event) && cut_count(link, saying) > ID_MAP_PARTS_MAX)
		return REASON_TOO_LONG;
	if (acts)
		enqueue_deed(link, saying, saying->event->kind == KIND_DELETE ? count : 1);
	else if (has_text(saying->event))
		enqueue_text(link, saying);
	else
		enqueue(link, item_new(link, saying, (struct slice){ NULL, 0 }));
	saying->queued = true;
	upstream_ledger(link->upstream)->in_flight++;
	if (link->state == LINK_UP)
		link_pump(link);
	return REASON_NONE;
}

/* ---- relay ---- */

static const struct envelope *no_words(struct upstream *upstream)
{
	upstream_ledger(upstream)->accepted++;
	upstream_ledger(upstream)->dropped++;
	return NULL;
}

static void note(const struct upstream *upstream, const struct envelope *event,
		 struct trace_note note)
{
	note.index = (uint32_t)upstream->index;
	trace_note(upstream->worker->trace, event, note);
}

static void refuse_relay(struct upstream *upstream, const struct envelope *event,
			 enum reason reason)
{
	note(upstream, event, (struct trace_note){ .what = TRACE_SAID, .reason = (uint8_t)reason });
	upstream_ledger(upstream)->refused[reason]++;
	telling_refused(upstream, event, reason, (struct slice){ NULL, 0 });
}

/* Takes said. */
static void relay_said(struct upstream *upstream, const struct envelope *event,
		       const struct envelope *said, bool degraded)
{
	struct saying *saying = saying_make(upstream, said);
	enum reason reason;

	upstream_ledger(upstream)->accepted++;
	saying->origin = envelope_hold(event);
	saying->degraded = degraded;
	saying->mapped = event->kind == KIND_MESSAGE || event->kind == KIND_NOTICE;
	reason = upstream->links ? enqueue_all(upstream->links, saying) : REASON_NO_ANSWER;
	if (reason == REASON_NONE) {
		note(upstream, event, (struct trace_note){ .what = TRACE_WAITS });
		return;
	}
	refuse_relay(upstream, event, reason);
	saying_free(saying);
}

/* What somebody's messages are removed by there: one by one, those that are known. */
static void relay_removed(struct upstream *upstream, const struct envelope *event)
{
	for (size_t i = 0; i < event->removed_count; i++) {
		struct envelope one = { .kind = KIND_DELETE,
					.id = event->id,
					.time_ms = event->time_ms,
					.room = event->room,
					.author = event->author,
					.target = event->removed[i],
					.origin = event->origin };
		struct slice name;
		struct envelope *sealed;

		if (upstream_calls(upstream)->can[KIND_DELETE].out != RULE_NATIVE ||
		    !id_map_theirs(upstream->ids, event->removed[i], &name, 1))
			continue;
		sealed = envelope_seal(&one);
		relay_said(upstream, sealed, envelope_hold(sealed), true);
		envelope_release(sealed);
	}
}

/* Is it about somebody there? */
static bool concerns(const struct upstream *upstream, const struct envelope *event)
{
	return event->subject.number &&
	       strangers_find_number(upstream->people, event->subject.number) != NULL;
}

/* What is said between two people here is nothing for others; what can be kept private goes. */
static bool private_goes(struct upstream *upstream, const struct envelope *event)
{
	if (!concerns(upstream, event))
		return false;
	if (event->kind == KIND_MESSAGE && upstream_calls(upstream)->has_private)
		return true;
	upstream_ledger(upstream)->accepted++;
	refuse_relay(upstream, event, REASON_NOT_PRIVATE);
	return false;
}

static bool is_about_person(enum envelope_kind kind)
{
	return kind == KIND_KICK || kind == KIND_TIMEOUT || kind == KIND_PURGE ||
	       kind == KIND_USER_UPDATE;
}

void saying_relay(struct upstream *upstream, const struct envelope *event)
{
	enum codec_rule rule = rule_of(upstream, event);
	const struct envelope *said;

	if (envelope_is_private(event) && !private_goes(upstream, event))
		return;
	if (event->kind == KIND_REACTION && rule == RULE_NATIVE &&
	    !reacting_is_news(upstream, event))
		return;
	if (event->kind == KIND_POLL_START && event->flags & FLAG_AGAIN)
		return;
	if (is_about_person(event->kind) && rule == RULE_NATIVE && !concerns(upstream, event)) {
		relay_removed(upstream, event);
		return;
	}
	said = in_words(upstream, event, rule);
	if (!said)
		said = no_words(upstream);
	if (said)
		relay_said(upstream, event, said, rule != RULE_NATIVE);
	if (rule != RULE_NATIVE)
		relay_removed(upstream, event);
}

/* ---- front ---- */

/* Takes the draft's content, so that the post can be freed. */
static struct post_draft *draft_keep(struct post_draft *draft)
{
	struct post_draft *kept = post_new(POST_DRAFT);
	struct post head = kept->post;

	*kept = *draft;
	kept->post.kind = head.kind;
	kept->post.next = NULL;
	draft->event = NULL;
	draft->copies = (struct copies){ .table = NULL };
	return kept;
}

bool saying_front(struct link *link, struct post_draft *draft)
{
	struct upstream *upstream = link->upstream;
	enum codec_rule rule = rule_of(upstream, draft->event);
	const struct envelope *said;
	struct saying *saying;
	enum reason reason;

	if (envelope_is_private(draft->event) &&
	    (draft->event->kind != KIND_MESSAGE || !upstream_calls(upstream)->has_private))
		return false;
	if (link->instance[0])
		draft->event = link_trail_begin(link, draft->event);
	said = in_words(upstream, draft->event, rule);
	if (!said)
		return false;
	saying = saying_make(upstream, said);
	saying->degraded =
	    rule != RULE_NATIVE || saying_words_action(upstream_calls(upstream), draft->event);
	saying->mapped = draft->event->kind == KIND_MESSAGE;
	saying->draft = draft_keep(draft);
	upstream_ledger(upstream)->accepted++;
	upstream->worker->counters->intake.waiting++;
	note(upstream, saying->draft->event, (struct trace_note){ .what = TRACE_WAITS });
	reason = enqueue_all(link, saying);
	if (reason == REASON_NONE)
		return true;
	saying->reason = reason;
	saying_done(link, saying);
	return true;
}

/* ---- what became of it ---- */

static void count(struct upstream *upstream, const struct saying *saying)
{
	struct upstream_ledger *ledger = upstream_ledger(upstream);

	ledger->in_flight -= saying->queued;
	if (saying->looped)
		ledger->dropped++;
	else if (saying->expired)
		ledger->expired++;
	else if (saying->reason == REASON_NONE && saying->degraded)
		ledger->degraded++;
	else if (saying->reason == REASON_NONE)
		ledger->delivered++;
	else if (saying->doubtful)
		ledger->unknown++;
	else
		ledger->refused[saying->reason]++;
}

static void answer_refused(struct upstream *upstream, struct post_draft *draft, enum reason reason,
			   struct slice text)
{
	struct answer answer = { .kind = ANSWER_DONE, .reason = reason, .room = draft->room };

	upstream->worker->counters->intake.refused[reason]++;
	if (draft->post.asker.kind == ASKER_SESSION) {
		answer.event = draft->event;
		draft->event = NULL;
	}
	answer_put_text(&answer, text);
	release_answer(upstream->worker, &draft->post.asker, &answer);
}

static void done_front(struct link *link, struct saying *saying)
{
	struct upstream *upstream = link->upstream;
	struct post_draft *draft = saying->draft;

	upstream->worker->counters->intake.waiting--;
	if (saying->reason != REASON_NONE) {
		answer_refused(upstream, draft, saying->reason, slice_of(saying->why));
		return;
	}
	draft->trusted = !saying->degraded;
	draft->agreed = upstream->index + 1;
	upstream->agreeing = saying;
	order_agreed(upstream->worker, draft);
	upstream->agreeing = NULL;
}

void saying_agreed(struct upstream *upstream, const struct envelope *event)
{
	const struct saying *saying = upstream->agreeing;

	if (event && event->kind == KIND_REACTION)
		reacting_agreed(upstream, event);
	if (!saying || !event || !saying->mapped)
		return;
	for (size_t i = 0; i < saying->name_count; i++)
		speaking_map(upstream, slice_of(saying->names[i]), event->id);
}

/* The server ends: what is stored is said when it is there again. */
static bool is_said_later(const struct upstream *upstream, const struct saying *saying)
{
	return saying->reason == REASON_CLOSING && upstream->bridge->store &&
	       saying->event->kind == KIND_MESSAGE;
}

static void done_relay(struct link *link, struct saying *saying)
{
	struct upstream *upstream = link->upstream;

	if (is_said_later(upstream, saying))
		return;
	if (saying->reason != REASON_NONE && saying->doubtful)
		telling_unknown(upstream, saying->origin);
	else if (saying->reason != REASON_NONE)
		telling_refused(upstream, saying->origin, saying->reason, slice_of(saying->why));
	for (size_t i = 0; saying->mapped && i < saying->name_count; i++)
		speaking_map(upstream, slice_of(saying->names[i]), saying->origin->id);
	upstream_keep_settled(upstream, saying->origin->id);
}

static void note_done(const struct upstream *upstream, const struct saying *saying)
{
	struct trace_note done = { .what = TRACE_SAID, .reason = (uint8_t)saying->reason };

	if (saying->expired)
		done.result = TRACE_SAID_EXPIRED;
	else if (saying->doubtful)
		done.result = TRACE_SAID_UNKNOWN;
	else if (saying->degraded)
		done.result = TRACE_SAID_DEGRADED;
	note(upstream, saying->draft ? saying->draft->event : saying->origin, done);
}

void saying_done(struct link *link, struct saying *saying)
{
	count(link->upstream, saying);
	note_done(link->upstream, saying);
	if (saying->draft)
		done_front(link, saying);
	else
		done_relay(link, saying);
	saying_free(saying);
}

void saying_refuse(struct upstream *upstream, struct post_draft *draft, enum reason reason)
{
	answer_refused(upstream, draft, reason, (struct slice){ NULL, 0 });
}

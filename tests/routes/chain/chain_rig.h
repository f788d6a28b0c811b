/* chain_rig.h - one chain, and what it wants done, for tests of single steps. */
#ifndef TESTS_ROUTES_CHAIN_RIG_H
#define TESTS_ROUTES_CHAIN_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/memory.h"
#include "routes/chain/chain.h"

#define RIG_MOST 64

struct rig {
	struct chain *chain;
	uint64_t now;
	struct slice appended[RIG_MOST]; /* new */
	size_t appended_count;
	uint64_t read_from;
	bool read_leader;
	unsigned reads;
	uint64_t purged, reserve;
	char did[4096]; /* what was called, a word each */
	uint32_t key;
	bool busy; /* begin() says not now */
	bool wait; /* judge() does */
	uint64_t answered;
	unsigned sent, given;
	struct slice message; /* new: the last sent */
	uint32_t above;
	bool keyless, ends;
};

static void rig_did(void *owner, const char *word)
{
	struct rig *rig = owner;
	size_t len = strlen(rig->did);

	assert_true(len + strlen(word) + 2 < sizeof(rig->did));
	if (len)
		rig->did[len++] = ' ';
	strcpy(rig->did + len, word);
}

static struct slice rig_copy(struct slice bytes)
{
	char *copy = memory_new(bytes.len);

	memcpy(copy, bytes.data, bytes.len);
	return slice_span(copy, bytes.len);
}

static void rig_append(void *owner, struct slice entry)
{
	struct rig *rig = owner;

	assert_true(rig->appended_count < RIG_MOST);
	rig->appended[rig->appended_count++] = rig_copy(entry);
}

static void rig_read(void *owner, uint64_t from, bool leader)
{
	struct rig *rig = owner;

	rig->read_from = from;
	rig->read_leader = leader;
	rig->reads++;
}

static void rig_purge(void *owner, uint64_t below)
{
	((struct rig *)owner)->purged = below;
}

static void rig_send(void *owner, unsigned node, struct slice message)
{
	struct rig *rig = owner;

	(void)node;
	rig->sent++;
	free((void *)(uintptr_t)rig->message.data);
	rig->message = rig_copy(message);
}

static void rig_reserve(void *owner, uint64_t id)
{
	((struct rig *)owner)->reserve = id;
}

static bool rig_begin(void *owner, uint32_t *key)
{
	struct rig *rig = owner;

	*key = rig->key;
	return !rig->busy;
}

static bool rig_bury(void *owner, struct chain_node node)
{
	(void)node;
	rig_did(owner, "bury");
	return true;
}

static bool rig_due(void *owner)
{
	struct rig *rig = owner;
	struct chain_line line = { .kind = CHAIN_LINE_OTHER,
				   .node = { CHAIN_NODE_NONE, 0 },
				   .bytes = SLICE("the poll is over") };

	rig_did(owner, "due");
	if (rig->ends)
		chain_add(rig->chain, &line);
	rig->ends = false;
	return true;
}

static enum chain_judged rig_judge(void *owner, const struct chain_draft *draft)
{
	struct rig *rig = owner;
	struct chain_line line = { .kind = CHAIN_LINE_RECORDS,
				   .node = draft->node,
				   .number = draft->number,
				   .bytes = draft->body };

	if (rig->wait)
		return CHAIN_WAIT;
	rig_did(owner, draft->body.len ? "judge" : "nothing");
	if (draft->body.len) {
		(void)id_next(chain_clock(rig->chain), ID_EPOCH_MS + 1000 + rig->now, 5);
		chain_add(rig->chain, &line);
	}
	return CHAIN_JUDGED;
}

static void rig_forget(void *owner)
{
	rig_did(owner, "forget");
}

static void rig_counted(void *owner, const struct chain_entry *entry, bool mine, bool readable)
{
	static const char *const names[] = { "", "batch", "claim", "restore" };

	rig_did(owner, mine ? "mine" : names[entry->kind]);
	if (!readable)
		rig_did(owner, "sealed");
}

static bool rig_readable(void *owner, uint32_t key)
{
	(void)key;
	return !((struct rig *)owner)->keyless;
}

static void rig_answered(void *owner, uint64_t number)
{
	struct rig *rig = owner;

	assert_int_equal(number, rig->answered + 1);
	rig->answered = number;
}

static void rig_give(void *owner, unsigned node)
{
	(void)node;
	((struct rig *)owner)->given++;
}

static void rig_install(void *owner, struct slice rows)
{
	(void)rows;
	rig_did(owner, "install");
}

static void rig_renew(void *owner, enum chain_renewal why, uint32_t above)
{
	static const char *const names[] = { "gone", "fork", "taken" };

	rig_did(owner, names[why]);
	((struct rig *)owner)->above = above;
}

static void rig_told(void *owner, enum chain_told what, uint64_t number)
{
	(void)number;
	if (what == CHAIN_TOLD_DAMAGED || what == CHAIN_TOLD_NEWER)
		rig_did(owner, what == CHAIN_TOLD_DAMAGED ? "damaged" : "newer");
}

static const struct chain_calls rig_calls = { .append = rig_append,
					      .read = rig_read,
					      .purge = rig_purge,
					      .send = rig_send,
					      .reserve = rig_reserve,
					      .begin = rig_begin,
					      .bury = rig_bury,
					      .due = rig_due,
					      .judge = rig_judge,
					      .forget = rig_forget,
					      .counted = rig_counted,
					      .readable = rig_readable,
					      .answered = rig_answered,
					      .give = rig_give,
					      .install = rig_install,
					      .renew = rig_renew,
					      .told = rig_told };

static inline struct chain_options rig_options(unsigned node)
{
	return (struct chain_options){ .shard = 5,
				       .me = { (uint8_t)node, 3 },
				       .nodes = 7,
				       .window = 1,
				       .times = chain_times(),
				       .version = CHAIN_VERSION,
				       .oldest = CHAIN_VERSION,
				       .rules = CHAIN_RULES_ALL };
}

/* A node of three, which has not started. */
static inline void rig_open(struct rig *rig, const struct chain_options *options)
{
	*rig = (struct rig){ .now = 100000 };
	rig->chain = chain_new(options, &rig_calls, rig);
}

static inline void rig_close(struct rig *rig)
{
	chain_free(rig->chain);
	for (size_t i = 0; i < rig->appended_count; i++)
		free((void *)(uintptr_t)rig->appended[i].data);
	free((void *)(uintptr_t)rig->message.data);
}

/* Lets time pass, with a tick each 100 ms. */
static inline void rig_pass(struct rig *rig, uint64_t ms)
{
	for (uint64_t end = rig->now + ms; rig->now < end;) {
		rig->now += 100;
		chain_tick(rig->chain, rig->now);
	}
}

static inline void rig_live(struct rig *rig, uint64_t sequence, uint64_t before, struct slice bytes)
{
	struct chain_record record = { sequence, bytes };

	chain_live(rig->chain, rig->now, &record, before);
}

static inline struct chain_view rig_view(struct rig *rig)
{
	struct chain_view view;

	chain_look(rig->chain, rig->now, &view);
	return view;
}

/* Starts it on an empty log, and makes it the owner: its claim is at sequence 10. */
static inline void rig_own(struct rig *rig)
{
	chain_start(rig->chain, rig->now);
	chain_range(rig->chain, rig->now, 0, NULL, 0, true, true);
	while (!rig->appended_count)
		rig_pass(rig, 100);
	rig_live(rig, 10, 0, rig->appended[0]);
	assert_true(rig_view(rig).owning);
	rig->did[0] = '\0';
}

#endif

#include "bridge/store/asked.h"

#include <stdlib.h>

#include "bridge/core/log/log_limit.h"
#include "bridge/store/engine.h"
#include "bridge/store/erase.h"
#include "bridge/store/sqlite/room_numbers.h"
#include "codecs/text/memory.h"
#include "routes/room/rows.h"

/* ---- what was said ---- */

static void put_past(void *context, const struct row *row)
{
	struct past *past = context;
	struct envelope *event = NULL;

	if (past->count < past->wanted)
		event = past->bare ? row_past(row) : row_event(row);
	if (event)
		past->events[past->count++] = event;
}

static void note_damage(void *context, const struct damage *damage)
{
	(void)damage;
	((struct past *)context)->damaged++;
}

static bool read_room(struct database *database, uint64_t room, struct past *past)
{
	struct row_sink sink = { .context = past, .row = put_past, .damaged = note_damage };

	return past->bare ? database_said(database, room, past->before, past->wanted, &sink)
			  : database_history(database, room, past->before, past->wanted, &sink);
}

void past_read(struct database *database, struct past *past)
{
	bool began, done = database_read_begin(database, &began);
	uint64_t number = done ? database_room_find(database, past->room) : 0;

	past->events = memory_zeroed(past->wanted, sizeof(*past->events));
	past->failed = database_fault(database) != FAULT_NONE;
	past->unknown = !number && !past->failed;
	if (number && !past->failed)
		past->failed = !read_room(database, number, past);
	database_read_end(database, began);
}

static void complain(const struct database *database)
{
	log_limited(LOG_STORE, LOG_ERROR, "what is stored cannot be read: %s (%s)",
		    fault_name(database_fault(database)), database_fault_text(database));
}

struct past_query {
	struct store_query query;
	struct store *store;
	struct past *past;
};

static void past_run(struct store_query *query, struct database *database)
{
	struct past *past = ((struct past_query *)query)->past;

	past_read(database, past);
	store_damaged(((struct past_query *)query)->store, past->damaged);
	if (past->failed)
		complain(database);
	free(query);
	past->done(past);
}

static void ask_past(struct store *store, struct past *past)
{
	struct past_query *query = memory_zeroed(1, sizeof(*query));

	query->query.run = past_run;
	query->store = store;
	query->past = past;
	store_ask(store, &query->query);
}

/* ---- who wrote ---- */

void authors_find(struct database *database, struct finding *finding)
{
	finding->failed =
	    !erase_find(database, finding->name, finding->numbers, FINDING_MOST, &finding->count);
}

struct finding_query {
	struct store_query query;
	struct finding *finding;
};

static void finding_run(struct store_query *query, struct database *database)
{
	struct finding *finding = ((struct finding_query *)query)->finding;

	free(query);
	authors_find(database, finding);
	if (finding->failed)
		complain(database);
	finding->done(finding);
}

static void ask_finding(struct store *store, struct finding *finding)
{
	struct finding_query *query = memory_zeroed(1, sizeof(*query));

	query->query.run = finding_run;
	query->finding = finding;
	store_ask(store, &query->query);
}

/* ---- who goes ---- */

struct erase_job {
	struct store_job job;
	struct erase erase;
	struct erasing *erasing;
};

static enum job_state erase_run(struct store_job *job, struct database *database)
{
	bool more;

	if (!erase_step(database, &((struct erase_job *)job)->erase, &more))
		return JOB_FAILED;
	return more ? JOB_AGAIN : JOB_DONE;
}

static void erase_done(struct store_job *job, enum fault fault)
{
	const struct erase_job *done = (struct erase_job *)job;
	struct erasing *erasing = done->erasing;
	const struct erase_counts *counts = &done->erase.counts;

	erasing->counts.messages += counts->messages;
	erasing->counts.reactions += counts->reactions;
	erasing->counts.votes += counts->votes;
	erasing->counts.polls += counts->polls;
	erasing->counts.marks += counts->marks;
	erasing->counts.persons += counts->persons;
	erasing->fault = fault == FAULT_NONE ? NULL : fault_name(fault);
	free(job);
	erasing->done(erasing);
}

static void do_erase(struct store *store, struct erasing *erasing)
{
	struct erase_job *job = memory_zeroed(1, sizeof(*job));

	job->job.run = erase_run;
	job->job.done = erase_done;
	job->job.erases = true;
	job->erasing = erasing;
	erase_begin(&job->erase, erasing->number, erasing->name);
	store_do(store, &job->job);
}

void asked_serve(struct store *store)
{
	store->read = ask_past;
	store->find = ask_finding;
	store->erase = do_erase;
}

#include "bridge/store/asked.h"

#include <stdlib.h>

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

void past_read(struct database *database, struct past *past)
{
	struct row_sink sink = { .context = past, .row = put_past };
	uint64_t number = database_room_find(database, past->room);

	past->events = memory_zeroed(past->wanted, sizeof(*past->events));
	past->unknown = !number;
	if (!number)
		past->failed = database_fault(database) != FAULT_NONE;
	else if (past->bare)
		past->failed = !database_said(database, number, past->before, past->wanted, &sink);
	else
		past->failed =
		    !database_history(database, number, past->before, past->wanted, &sink);
}

struct past_query {
	struct store_query query;
	struct past *past;
};

static void past_run(struct store_query *query, struct database *database)
{
	struct past *past = ((struct past_query *)query)->past;

	free(query);
	past_read(database, past);
	past->done(past);
}

static void ask_past(struct store *store, struct past *past)
{
	struct past_query *query = memory_zeroed(1, sizeof(*query));

	query->query.run = past_run;
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

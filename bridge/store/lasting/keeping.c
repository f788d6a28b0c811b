#include "bridge/store/lasting/keeping.h"

#include <inttypes.h>
#include <stdlib.h>

#include "bridge/core/log/log.h"
#include "bridge/core/log/log_limit.h"
#include "bridge/durable/store.h"
#include "bridge/store/engine.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

/* ---- of a running server: a job of the store's thread ---- */

struct keeping {
	struct store_job job; /* first */
	struct mailbox *main_box;
	struct lasting *lasting;
};

static void note_fault(struct lasting *lasting, const struct database *database)
{
	lasting->failed = true;
	snprintf(lasting->why, sizeof(lasting->why), "%s (%s)",
		 fault_name(database_fault(database)), database_fault_text(database));
}

static enum job_state keep_run(struct store_job *job, struct database *database)
{
	struct lasting *lasting = ((struct keeping *)job)->lasting;

	if (database_keep(database, lasting))
		return JOB_DONE;
	note_fault(lasting, database);
	return JOB_FAILED;
}

static void keep_done(struct store_job *job, enum fault fault)
{
	struct keeping *keeping = (struct keeping *)job;
	struct lasting *lasting = keeping->lasting;

	if (fault != FAULT_NONE && !lasting->failed) {
		lasting->failed = true;
		snprintf(lasting->why, sizeof(lasting->why), "%s", fault_name(fault));
	}
	if (lasting->failed)
		log_limited(LOG_STORE, LOG_ERROR,
			    "an account, a ban or a number cannot be stored: %s", lasting->why);
	mailbox_post(keeping->main_box, lasting_post(lasting));
	free(keeping);
}

static struct store_job *job_of(struct mailbox *main_box, struct lasting *lasting)
{
	struct keeping *keeping = memory_zeroed(1, sizeof(*keeping));

	keeping->job.run = keep_run;
	keeping->job.done = keep_done;
	keeping->job.erases = lasting_erases(lasting);
	keeping->main_box = main_box;
	keeping->lasting = lasting;
	return &keeping->job;
}

static void keep_later(struct bridge *bridge, struct lasting *lasting)
{
	store_do(bridge->store, job_of(&bridge->main_box, lasting));
}

void keeping_begin(struct bridge *bridge)
{
	bridge->store->keep = keep_later;
	token_rows_serve(bridge->store);
}

/* ---- of one that does not run ---- */

struct alone {
	struct store store; /* first */
	struct database *database;
};

static void keep_now(struct bridge *bridge, struct lasting *lasting)
{
	struct database *database = ((struct alone *)bridge->store)->database;
	struct post *post = lasting_post(lasting);

	if (!database_begin(database) || !database_keep(database, lasting) ||
	    !database_commit(database)) {
		note_fault(lasting, database);
		database_rollback(database);
	}
	lasting_heard(post);
	post_free(post);
}

struct database *keeping_open_alone(struct bridge *bridge, FILE *errors)
{
	struct database *database = database_open(bridge->conf->state, DURABLE_COMMIT, errors);
	struct alone *alone;

	if (!database)
		return NULL;
	alone = memory_zeroed(1, sizeof(*alone));
	alone->store.keep = keep_now;
	alone->database = database;
	bridge->store = &alone->store;
	return database;
}

/* Nothing that was taken away is left in the log. */
void keeping_close_alone(struct bridge *bridge, struct database *database)
{
	if (!database)
		return;
	if (!database_checkpoint(database, CHECKPOINT_TRUNCATE))
		log_line(LOG_WARNING, "the log of the store stays: %s",
			 database_fault_text(database));
	database_close(database);
	free(bridge->store);
	bridge->store = NULL;
}

/* ---- reading ---- */

static void damaged(void *context, const char *table, uint64_t number)
{
	(void)context;
	log_limited(LOG_STORE, LOG_ERROR,
		    "a row of the store is damaged, and left out: %s %" PRIu64, table, number);
}

static void token_damaged(void *context)
{
	(void)context;
	log_limited(LOG_STORE, LOG_ERROR,
		    "a row of the store is damaged, and left out: token; 'dragoman check --state' "
		    "says which");
}

bool keeping_read_tokens(struct database *database,
			 void (*take)(void *context, const struct token_row *row), void *context,
			 FILE *errors)
{
	struct token_sink sink = { .context = context, .token = take, .damaged = token_damaged };

	if (database_tokens(database, &sink))
		return true;
	fprintf(errors, "dragoman: %s: the tokens cannot be read: %s\n", database_path(database),
		database_fault_text(database));
	return false;
}

bool keeping_read(struct database *database, const struct lasting_sink *sink, FILE *errors)
{
	struct lasting_sink whole = *sink;

	whole.damaged = damaged;
	if (database_lasting(database, &whole))
		return true;
	fprintf(errors, "dragoman: %s: the accounts and bans cannot be read: %s\n",
		database_path(database), database_fault_text(database));
	return false;
}

#include "bridge/store/lasting/token_rows.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/log/log_limit.h"
#include "bridge/durable/store.h"
#include "bridge/store/engine.h"
#include "bridge/store/sqlite/statement.h"
#include "codecs/text/memory.h"

/* ---- writing ---- */

static struct slice hash_slice(const unsigned char hash[TOKEN_ROW_HASH])
{
	return slice_span((const char *)hash, TOKEN_ROW_HASH);
}

static bool token_add(struct database *database, const struct token_row *row)
{
	struct binding add = bind_start(database, SQL_TOKEN_ADD, TABLE_TOKEN);

	bind_blob(&add, hash_slice(row->hash));
	bind_number(&add, row->kind);
	bind_number(&add, row->number);
	bind_number(&add, row->roles);
	bind_number(&add, row->credential);
	bind_text(&add, slice_of(row->name));
	bind_text(&add, slice_of(row->dialect));
	bind_number(&add, row->issued_ms);
	bind_number(&add, row->expires_ms);
	bind_crc(&add);
	return bind_run(&add, NULL);
}

static bool token_gone(struct database *database, const unsigned char hash[TOKEN_ROW_HASH])
{
	struct binding gone = bind_start(database, SQL_TOKEN_GONE, 0);

	bind_blob(&gone, hash_slice(hash));
	return bind_run(&gone, NULL);
}

bool database_tokens_keep(struct database *database, const struct token_keeping *keeping)
{
	bool done = !keeping->adds || token_add(database, &keeping->row);

	for (size_t i = 0; i < keeping->gone_count && done; i++)
		done = token_gone(database, keeping->gone[i]);
	return done;
}

/* ---- reading ---- */

/* False: it is longer than anything that was written. */
static bool text_out(char *out, size_t size, struct slice text)
{
	if (text.len >= size || memchr(text.data, '\0', text.len))
		return false;
	memcpy(out, text.data, text.len);
	out[text.len] = '\0';
	return true;
}

static bool row_out(const struct row_values *values, struct token_row *row)
{
	struct slice hash = values->at[0].bytes;

	*row = (struct token_row){ .number = (uint32_t)value_number(values, 2),
				   .roles = (uint32_t)value_number(values, 3),
				   .credential = value_number(values, 4),
				   .issued_ms = value_number(values, 7),
				   .expires_ms = value_number(values, 8) };
	if (hash.len != TOKEN_ROW_HASH || value_number(values, 1) >= HOLDER_KINDS || !row->number ||
	    values->at[5].bytes.len == 0)
		return false;
	memcpy(row->hash, hash.data, TOKEN_ROW_HASH);
	row->kind = (enum holder_kind)value_number(values, 1);
	return text_out(row->name, sizeof(row->name), values->at[5].bytes) &&
	       text_out(row->dialect, sizeof(row->dialect), values->at[6].bytes);
}

static bool rows_read(struct database *database, const struct token_sink *sink)
{
	struct binding step = bind_start(database, SQL_TOKENS, TABLE_TOKEN);
	struct row_values values;
	struct token_row row;

	while (bind_step(&step))
		if (row_read(&step, TABLE_TOKEN, &values) && row_out(&values, &row))
			sink->token(sink->context, &row);
		else
			sink->damaged(sink->context);
	return database->fault == FAULT_NONE;
}

bool database_tokens(struct database *database, const struct token_sink *sink)
{
	bool done = database_begin(database) && rows_read(database, sink);

	database_rollback(database);
	return done;
}

/* ---- a job of the store's thread ---- */

struct token_job {
	struct store_job job; /* first */
	struct token_keeping *keeping;
};

static enum job_state run(struct store_job *job, struct database *database)
{
	if (database_tokens_keep(database, ((struct token_job *)job)->keeping))
		return JOB_DONE;
	log_limited(LOG_STORE, LOG_ERROR, "a token cannot be stored: %s (%s)",
		    fault_name(database_fault(database)), database_fault_text(database));
	return JOB_FAILED;
}

static void done(struct store_job *job, enum fault fault)
{
	struct token_keeping *keeping = ((struct token_job *)job)->keeping;

	free(job);
	keeping->failed = fault != FAULT_NONE;
	keeping->done(keeping);
}

static void keep_later(struct store *store, struct token_keeping *keeping)
{
	struct token_job *job = memory_zeroed(1, sizeof(*job));

	job->job.run = run;
	job->job.done = done;
	job->job.erases = keeping->gone_count > 0;
	job->keeping = keeping;
	store_do(store, &job->job);
}

void token_rows_serve(struct store *store)
{
	store->keep_token = keep_later;
}

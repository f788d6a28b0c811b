#include <search.h>

#include "routes/room/journal.h"
#include "routes/room/journal_rows.h"

/* ---- what was said ---- */

/* What is left of one without words. Returns new. */
static const struct envelope *row_bare(const struct row *row)
{
	struct envelope bare = { .kind = row->deleted ? KIND_DELETE : KIND_MESSAGE,
				 .id = row->id,
				 .time_ms = row->time_ms };

	bare.author.number = row->by->author->number;
	bare.author.name = name_display(row->by);
	return envelope_seal(&bare);
}

static void turn_round(const struct envelope **out, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		const struct envelope *other = out[i];

		out[i] = out[count - 1 - i];
		out[count - 1 - i] = other;
	}
}

size_t journal_past(const struct journal *journal, uint64_t before, const struct envelope **out,
		    size_t max)
{
	size_t count = 0;

	for (uint64_t at = row_from(journal, before) - 1; count < max && at >= oldest(journal);
	     at--) {
		const struct row *row = row_at(journal, at);

		if (row->content)
			out[count++] = envelope_hold(row->content);
		else if (row->by->author->number)
			out[count++] = row_bare(row);
	}
	turn_round(out, count);
	return count;
}

/* Returns new, or held. */
static const struct envelope *row_now(const struct row *row)
{
	struct reaction_count counts[ENVELOPE_REACTIONS_MAX];
	struct envelope now;

	if (!row->reactions)
		return envelope_hold(row->content);
	now = *row->content;
	now.reaction_count = reactions_counts(row->reactions, counts, ENVELOPE_REACTIONS_MAX);
	now.reactions = counts;
	return envelope_seal(&now);
}

size_t journal_now(const struct journal *journal, uint64_t before, const struct envelope **out,
		   size_t max)
{
	size_t count = 0;

	for (uint64_t at = row_from(journal, before) - 1;
	     count < max && at >= oldest(journal) && at >= journal->oldest_kept; at--) {
		const struct row *row = row_at(journal, at);

		if (row->content)
			out[count++] = row_now(row);
	}
	turn_round(out, count);
	return count;
}

bool journal_message(const struct journal *journal, uint64_t id, const struct envelope **content,
		     struct reactor *out, size_t max, size_t *count)
{
	const struct row *row = row_find(journal, id);

	*content = NULL;
	*count = 0;
	if (!row || row->deleted)
		return false;
	if (row->content)
		*content = row_now(row);
	*count = reactions_list(row->reactions, out, max);
	return true;
}

struct authors {
	void (*each)(void *context, uint32_t number, struct slice name, uint32_t roles);
	void *context;
};

static void author_each(const void *node, VISIT visit, void *closure)
{
	const struct author *author = *(const struct author *const *)node;
	const struct authors *authors = closure;

	if ((visit == postorder || visit == leaf) && author->number && author->names)
		authors->each(authors->context, author->number, name_display(author->names),
			      author->roles);
}

void journal_authors(const struct journal *journal,
		     void (*each)(void *context, uint32_t number, struct slice name,
				  uint32_t roles),
		     void *context)
{
	struct authors authors = { each, context };

	twalk_r(journal->authors, author_each, &authors);
}

/* ---- all of it ---- */

/* In the order of their numbers. */
static void author_digest(const void *node, VISIT visit, void *closure)
{
	const struct author *author = *(const struct author *const *)node;
	struct digest *digest = closure;

	if (visit != postorder && visit != leaf)
		return;
	digest_number(digest, author->number);
	digest_number(digest, author->roles);
	for (const struct author_name *name = author->names; name; name = name->next) {
		digest_number(digest, name->uses);
		digest_text(digest, name_display(name));
	}
}

static void row_digest(const struct row *row, struct digest *digest)
{
	digest_number(digest, row->id);
	digest_number(digest, row->time_ms);
	digest_number(digest, row->shown);
	digest_number(digest, row->by->author->number);
	digest_text(digest, name_display(row->by));
	digest_number(digest, row->deleted);
	reactions_digest(row->reactions, digest);
	digest_number(digest, row->content != NULL);
	if (row->content)
		digest_event(digest, row->content);
}

void journal_digest(const struct journal *journal, struct digest *digest)
{
	digest_number(digest, journal->pairs);
	digest_number(digest, journal->kept);
	digest_number(digest, journal->count);
	for (uint64_t at = oldest(journal); at <= journal->newest; at++)
		row_digest(row_at(journal, at), digest);
	twalk_r(journal->authors, author_digest, digest);
	notes_digest(&journal->notes, digest);
}

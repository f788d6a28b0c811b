#include "codecs/text/crc32c.h"
#include "routes/chain/bytes.h"
#include "routes/chain/state.h"

/* The bytes of a head: version (1), shard (1), then struct folded in its order, the newest uid that
 * counted below the rows (8), CRC-32C (4). */
#define HEAD_VERSION 1
#define CRC          4

static void put_fold(unsigned char **to, const struct folded *fold)
{
	put(to, fold->read.sequence, 8);
	put(to, fold->read.uid, 8);
	put(to, fold->last, 8);
	put(to, fold->count, 8);
	put(to, fold->digest, 8);
	put(to, fold->epoch, 8);
	put(to, fold->owner.number, 1);
	put(to, fold->owner.incarnation, 4);
	put(to, fold->last_id, 8);
	put(to, fold->floor, 8);
	put(to, fold->top, 8);
	put(to, fold->first, 8);
	put(to, fold->gen_count, 1);
	for (size_t i = 0; i < fold->gen_count; i++)
		put(to, fold->gens[i], 8);
	for (unsigned i = 0; i < CHAIN_NODES; i++) {
		put(to, fold->nodes[i].incarnation, 4);
		put(to, fold->nodes[i].high, 8);
		put(to, fold->nodes[i].gone, 4);
		put(to, fold->newest[i], 4);
	}
}

static void get_fold(struct reading *from, struct folded *fold)
{
	fold->read.sequence = get(from, 8);
	fold->read.uid = get(from, 8);
	fold->last = get(from, 8);
	fold->count = get(from, 8);
	fold->digest = get(from, 8);
	fold->epoch = get(from, 8);
	fold->owner.number = (uint8_t)get(from, 1);
	fold->owner.incarnation = (uint32_t)get(from, 4);
	fold->last_id = get(from, 8);
	fold->floor = get(from, 8);
	fold->top = get(from, 8);
	fold->first = get(from, 8);
	fold->gen_count = (size_t)get(from, 1);
	if (fold->gen_count > GENS_MOST) {
		from->cut = true;
		return;
	}
	for (size_t i = 0; i < fold->gen_count; i++)
		fold->gens[i] = get(from, 8);
	for (unsigned i = 0; i < CHAIN_NODES; i++) {
		fold->nodes[i].incarnation = (uint32_t)get(from, 4);
		fold->nodes[i].high = get(from, 8);
		fold->nodes[i].gone = (uint32_t)get(from, 4);
		fold->newest[i] = (uint32_t)get(from, 4);
	}
}

size_t chain_head_write(const struct chain *chain, unsigned char *to)
{
	unsigned char *at = to;

	put(&at, HEAD_VERSION, 1);
	put(&at, chain->options.shard, 1);
	put_fold(&at, &chain->fold);
	put(&at, chain->rows.before, 8);
	put(&at, crc32c(to, (size_t)(at - to)), CRC);
	return (size_t)(at - to);
}

static bool head_read(struct slice bytes, unsigned shard, struct folded *fold, uint64_t *before)
{
	struct reading from = reading_of(bytes);
	struct reading crc;

	if (bytes.len <= CRC)
		return false;
	crc = reading_of(slice_span(bytes.data + bytes.len - CRC, CRC));
	if (get(&crc, CRC) != crc32c(bytes.data, bytes.len - CRC))
		return false;
	from.left -= CRC;
	if (get(&from, 1) != HEAD_VERSION || get(&from, 1) != shard)
		return false;
	get_fold(&from, fold);
	*before = get(&from, 8);
	return !from.cut && !from.left;
}

/* Do the rows rise to the place that was read last? */
static bool rows_fit(const struct folded *fold, const struct chain_row *rows, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (rows[i].place.sequence <= rows[i - 1].place.sequence)
			return false;
	if (!count)
		return !fold->read.sequence;
	return rows[count - 1].place.sequence == fold->read.sequence &&
	       rows[count - 1].place.uid == fold->read.uid;
}

/* All of them have to be written anew. */
static void rows_replace(struct chain *chain, const struct chain_row *rows, size_t count,
			 uint64_t before)
{
	rows_clear(&chain->rows);
	for (size_t i = 0; i < count; i++)
		rows_add(&chain->rows, &rows[i]);
	chain->rows.before = before;
	chain->rows.changes = (struct chain_changes){ 0, 0 };
}

bool chain_load(struct chain *chain, struct slice head, const struct chain_row *rows, size_t count,
		uint64_t reserved)
{
	struct folded fold;
	uint64_t before;

	if (!head_read(head, chain->options.shard, &fold, &before) || !rows_fit(&fold, rows, count))
		return false;
	chain->fold = fold;
	rows_replace(chain, rows, count, before);
	chain->rows.changes = (struct chain_changes){ 0, UINT64_MAX };
	chain->stored = fold.read.sequence;
	chain->given = chain->reserved = chain->reserving = reserved;
	return true;
}

/* [26] Do the rows know what clients here were shown last? A start that showed nothing, and merely
 * was behind under the same restore, need not care. */
static bool forks(const struct chain *chain, const struct folded *old)
{
	uint64_t gen = old->gen_count ? old->gens[old->gen_count - 1] : 0;

	if (!old->last || old->last == chain->fold.last || old->last == chain->rows.before)
		return false;
	return !rows_counted(&chain->rows, old->last) &&
	       (chain->shown || chain->wanted || gen != gen_of(chain));
}

static uint64_t rows_lost(const struct rows *old, const struct rows *rows)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < old->count; i++) {
		const struct chain_row *row = &old->items[old->start + i];

		if (row->flags & CHAIN_ROW_COUNTED && !rows_counted(rows, row->place.uid) &&
		    row->place.sequence >= rows->items[rows->start].place.sequence)
			lost++;
	}
	return lost;
}

bool chain_install(struct chain *chain, uint64_t now, struct slice head,
		   const struct chain_row *rows, size_t count, struct slice more)
{
	struct folded old = chain->fold, fold;
	struct rows had = chain->rows;
	uint64_t before;
	bool fork;

	if (chain->mode != CHAIN_COPY || chain->renewing ||
	    !head_read(head, chain->options.shard, &fold, &before) || !count ||
	    !rows_fit(&fold, rows, count))
		return false;
	if (chain->wanted ? !gen_counted(&fold, chain->wanted)
			  : fold.read.sequence < chain->fold.first)
		return false;
	chain->rows = (struct rows){ 0 };
	chain->fold = fold;
	if (old.top > fold.top)
		chain->fold.top = old.top;
	rows_replace(chain, rows, count, before);
	for (unsigned i = 0; i < CHAIN_NODES; i++) {
		note_newest(chain, i, old.newest[i]);
		note_newest(chain, i, fold.newest[i]);
	}
	fork = forks(chain, &old);
	if (fork)
		tell(chain, CHAIN_TOLD_LOST, rows_lost(&had, &chain->rows));
	rows_clear(&had);
	chain->mode = CHAIN_RUN;
	chain->wanted = chain->held = 0;
	chain->stored = 0;
	judged_reset(chain);
	chain->calls->install(chain->owner, more);
	tell(chain, CHAIN_TOLD_RUN, 0);
	outbox_settle(chain);
	if (look_for_me(chain))
		return true;
	if (fork && rule(chain, 26) && chain->options.me.incarnation)
		renewal_ask(chain, CHAIN_RENEW_FORK, chain->options.me.incarnation);
	else
		range_ask(chain, now, true);
	return true;
}

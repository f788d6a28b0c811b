#include "routes/chain/bytes.h"
#include "routes/chain/state.h"

/* Entries read in the log's order: which of them count. Everybody who reads the same decides alike,
 * so nothing here may depend on anything but what was read. */

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash ^= value + UINT64_C(0x9E3779B97F4A7C15) + (hash << 6) + (hash >> 2);
	hash *= UINT64_C(0xff51afd7ed558ccd);
	return hash ^ hash >> 29;
}

/* The last bytes of an entry are its checksum. */
static uint64_t checksum_of(struct slice bytes)
{
	struct reading from = reading_of(slice_span(bytes.data + bytes.len - 4, 4));

	return get(&from, 4);
}

enum chain_verdict entry_of(struct chain *chain, struct slice bytes, struct chain_entry *entry)
{
	enum chain_verdict verdict = chain_entry_read(bytes, entry);

	if (verdict == CHAIN_SOUND && entry->version > chain->options.version)
		verdict = CHAIN_NEWER;
	if (verdict == CHAIN_SOUND && entry->shard != chain->options.shard)
		verdict = CHAIN_DAMAGED;
	if (verdict != CHAIN_SOUND)
		return verdict;
	if (entry->kind == CHAIN_BATCH && entry->top > chain->fold.top)
		chain->fold.top = entry->top;
	note_newest(chain, entry->writer.number, entry->writer.incarnation);
	return verdict;
}

static bool known(const struct chain *chain, uint64_t uid)
{
	return !uid || uid == chain->fold.last || rows_known(&chain->rows, uid);
}

static void place_add(struct chain *chain, uint64_t sequence, uint64_t uid, uint32_t flags)
{
	struct chain_row row = { { sequence, uid }, flags };

	rows_add(&chain->rows, &row);
	chain->fold.read = row.place;
}

static uint32_t opening(const struct chain_entry *entry)
{
	return entry->seen.sequence ? 0 : CHAIN_ROW_OPENING;
}

void note_first(struct chain *chain, uint64_t first)
{
	if (first > chain->fold.first)
		chain->fold.first = first;
	if (first > chain->fold.read.sequence)
		first = chain->fold.read.sequence;
	if (chain->rows.count && first > chain->rows.items[chain->rows.start].place.sequence)
		rows_trim(&chain->rows, first);
}

/* Somebody wrote under this start of this node who is not this process. */
static bool written_by_another(const struct chain *chain, const struct chain_entry *entry)
{
	const struct chain_node *me = &chain->options.me;

	if (entry->writer.number != me->number || !me->incarnation ||
	    entry->writer.incarnation < me->incarnation)
		return false;
	return entry->writer.incarnation > me->incarnation ||
	       (entry->uid & ((UINT64_C(1) << 36) - 1)) > chain->counter;
}

/* ---- what counts ---- */

static void count_batch(struct chain *chain, const struct chain_entry *entry)
{
	for (size_t i = 0; i < entry->gone_count; i++) {
		struct standing *standing = &chain->fold.nodes[entry->gone[i].number];

		if (entry->gone[i].incarnation > standing->gone)
			standing->gone = entry->gone[i].incarnation;
	}
	for (size_t i = 0; i < entry->high_count; i++) {
		struct standing *standing = &chain->fold.nodes[entry->high[i].node.number];
		struct peer *peer = &chain->peers[entry->high[i].node.number];

		standing->incarnation = entry->high[i].node.incarnation;
		standing->high = entry->high[i].number;
		note_newest(chain, entry->high[i].node.number, standing->incarnation);
		if (peer->inbox_incarnation == standing->incarnation && rule(chain, 3))
			queue_drop(&peer->inbox, standing->high);
	}
	if (entry->top > chain->fold.last_id)
		chain->fold.last_id = entry->top;
}

static void count_owner(struct chain *chain, uint64_t now, const struct chain_entry *entry)
{
	struct folded *fold = &chain->fold;

	fold->epoch = entry->epoch;
	fold->owner = entry->owner;
	chain->owner_heard = now;
	drafts_unsent(chain);
	inboxes_clear(chain);
	if (entry->kind == CHAIN_CLAIM)
		return;
	chain->held = 0;
	if (entry->top > fold->floor)
		fold->floor = entry->top;
	if (fold->gen_count == GENS_MOST)
		memmove(fold->gens, fold->gens + 1, --fold->gen_count * sizeof(*fold->gens));
	fold->gens[fold->gen_count++] = entry->uid;
}

/* Says who has to know; the fold is as the entry left it. */
static void count_tell(struct chain *chain, const struct chain_entry *entry, bool mine)
{
	bool readable = !entry->key || chain->calls->readable(chain->owner, entry->key);

	if (!readable)
		tell(chain, CHAIN_TOLD_UNREADABLE, entry->key);
	chain->shown = true;
	chain->calls->counted(chain->owner, entry, mine, readable);
}

bool look_for_me(struct chain *chain)
{
	const struct chain_node *me = &chain->options.me;
	const struct standing *mine = &chain->fold.nodes[me->number];

	if (!me->incarnation)
		return false;
	/* [21] */
	if (mine->gone >= me->incarnation && rule(chain, 21))
		renewal_ask(chain, CHAIN_RENEW_GONE, mine->gone);
	else if (chain->fold.newest[me->number] > me->incarnation)
		renewal_ask(chain, CHAIN_RENEW_TAKEN, chain->fold.newest[me->number]);
	else if (mine->incarnation == me->incarnation && mine->high > chain->next_number)
		renewal_ask(chain, CHAIN_RENEW_TAKEN, mine->incarnation);
	return chain->renewing;
}

void entry_count(struct chain *chain, uint64_t now, uint64_t sequence,
		 const struct chain_entry *entry, struct slice bytes)
{
	struct folded *fold = &chain->fold;
	bool mine = chain->under_way_count && chain->under_way[0].uid == entry->uid;

	if (mine)
		under_way_counted(chain, now);
	else
		forget_under_way(chain);
	place_add(chain, sequence, entry->uid, CHAIN_ROW_COUNTED | opening(entry));
	fold->last = entry->uid;
	fold->count++;
	fold->digest = mix(mix(fold->digest, entry->uid), checksum_of(bytes));
	if (entry->kind == CHAIN_BATCH)
		count_batch(chain, entry);
	else
		count_owner(chain, now, entry);
	if (!chain->under_way_count && !mine)
		judged_reset(chain);
	count_tell(chain, entry, mine && entry->kind == CHAIN_BATCH);
	if (chain->mode != CHAIN_RUN) {
		chain->mode = CHAIN_RUN;
		chain->wanted = 0;
		tell(chain, CHAIN_TOLD_RUN, 0);
	}
	outbox_settle(chain);
	if (!look_for_me(chain) && entry->kind != CHAIN_BATCH)
		drafts_tick(chain, now);
}

/* ---- one entry ---- */

static void pass(struct chain *chain, uint64_t sequence, const struct chain_entry *entry)
{
	place_add(chain, sequence, entry->uid, opening(entry));
}

static void consume_restore(struct chain *chain, uint64_t now, uint64_t sequence,
			    const struct chain_entry *entry, struct slice bytes)
{
	const struct folded *fold = &chain->fold;
	bool next = entry->seen.sequence == fold->read.sequence;

	if (gen_counted(fold, entry->uid)) {
		place_add(chain, sequence, entry->uid, CHAIN_ROW_COUNTED | opening(entry));
		return;
	}
	/* [12] */
	if (next && entry->seen.uid != fold->read.uid && rule(chain, 11)) {
		mode_stop(chain, now);
		return;
	}
	if (!next && rule(chain, 12)) {
		pass(chain, sequence, entry);
		return;
	}
	/* [13] */
	if ((fold->digest == entry->digest && fold->count == entry->count) || !rule(chain, 13)) {
		entry_count(chain, now, sequence, entry, bytes);
		return;
	}
	chain->cursor = (struct chain_place){ sequence, entry->uid };
	rows_want(chain, now, entry->uid, sequence);
}

/* [11] Was it written by somebody who read another log? Of what is forgotten nothing can be said;
 * it does not count. */
static bool alarming(const struct chain *chain, uint64_t sequence, const struct chain_entry *entry)
{
	const struct folded *fold = &chain->fold;
	const struct chain_row *seen = rows_at(&chain->rows, entry->seen.sequence);
	uint64_t first =
	    chain->rows.count ? chain->rows.items[chain->rows.start].place.sequence : 0;

	if (entry->gen != gen_of(chain) && (!entry->gen || gen_counted(fold, entry->gen)))
		return false;
	if (entry->gen && !gen_counted(fold, entry->gen))
		return true;
	if (entry->seen.sequence >= sequence)
		return true;
	if (seen && seen->place.uid != entry->seen.uid)
		return true;
	return entry->seen.sequence >= first && !known(chain, entry->base);
}

static bool counts(struct chain *chain, const struct chain_entry *entry)
{
	bool before = entry->uid == chain->fold.last || rows_counted(&chain->rows, entry->uid);

	/* [1] */
	if (!rule(chain, 1))
		return !before;
	if (entry->after != chain->fold.last || entry->gen != gen_of(chain) || before)
		return false;
	/* [17] */
	return rule(chain, 17) || !entry->key || chain->calls->readable(chain->owner, entry->key);
}

static void consume_unread(struct chain *chain, uint64_t sequence, enum chain_verdict verdict,
			   unsigned version)
{
	if (verdict == CHAIN_DAMAGED) {
		place_add(chain, sequence, UID_DAMAGED, 0);
		tell(chain, CHAIN_TOLD_DAMAGED, sequence);
		return;
	}
	if (!chain->blocked)
		tell(chain, CHAIN_TOLD_NEWER, version);
	chain->blocked = true;
	forget_under_way(chain);
}

/* The next record in order, in RUN. */
static void entry_consume(struct chain *chain, uint64_t now, const struct chain_record *record)
{
	struct chain_entry entry;
	enum chain_verdict verdict = entry_of(chain, record->bytes, &entry);

	if (verdict != CHAIN_SOUND) {
		consume_unread(chain, record->sequence, verdict, entry.version);
		return;
	}
	chain->blocked = false;
	if (written_by_another(chain, &entry)) {
		renewal_ask(chain, CHAIN_RENEW_TAKEN, entry.writer.incarnation);
		return;
	}
	if (entry.kind == CHAIN_RESTORE) {
		consume_restore(chain, now, record->sequence, &entry, record->bytes);
		return;
	}
	if (rule(chain, 11) && alarming(chain, record->sequence, &entry)) {
		mode_stop(chain, now);
		return;
	}
	if (counts(chain, &entry)) {
		entry_count(chain, now, record->sequence, &entry, record->bytes);
		return;
	}
	pass(chain, record->sequence, &entry);
	if (chain->under_way_count && chain->under_way[0].uid == entry.uid &&
	    !rows_counted(&chain->rows, entry.uid))
		forget_under_way(chain);
}

/* ---- what comes from the engine ---- */

void chain_live(struct chain *chain, uint64_t now, const struct chain_record *record,
		uint64_t before)
{
	const struct folded *fold = &chain->fold;

	if (chain->renewing)
		return;
	if (chain_entry_writer(record->bytes) == fold->owner.number)
		chain->owner_heard = now;
	if (chain->mode == CHAIN_RUN) {
		if (record->sequence <= fold->read.sequence)
			return;
		/* [2] */
		if ((before == fold->read.sequence && (before || chain->caught_up)) ||
		    !rule(chain, 2))
			entry_consume(chain, now, record);
		else
			range_ask(chain, now, false);
	} else if (chain->tail && before == chain->cursor.sequence &&
		   record->sequence > chain->cursor.sequence) {
		entry_follow(chain, now, record);
	} else if (record->sequence != chain->cursor.sequence) {
		chain->tail = false;
		range_ask(chain, now, true);
	}
	batches_judge(chain, now);
}

/* [18] The log begins above the place that was read last. */
static void below_the_log(struct chain *chain, uint64_t now, const struct chain_record *first,
			  const struct chain_entry *entry)
{
	if (!rule(chain, 18)) {
		place_add(chain, first->sequence, entry->uid, CHAIN_ROW_COUNTED);
		chain->fold.last = entry->uid;
		return;
	}
	chain->cursor = (struct chain_place){ 0, 0 };
	chain->fold.first = first->sequence;
	rows_want(chain, now, 0, 0);
}

/* Where nothing was read before. Returns how many of the records need no more reading, or count + 1
 * when none is to be read. */
static size_t range_opening(struct chain *chain, uint64_t now, const struct chain_record *records,
			    size_t count)
{
	struct chain_entry entry;

	if (!count)
		return 0;
	if (chain_entry_read(records[0].bytes, &entry) == CHAIN_SOUND && !entry.seen.sequence)
		return 0;
	if (entry.version > chain->options.version) {
		consume_unread(chain, 0, CHAIN_NEWER, entry.version);
		return count + 1;
	}
	below_the_log(chain, now, &records[0], &entry);
	return count + 1;
}

/* [2] The range has to begin with what was read last. If it does not: is that below the log, or is
 * the log another one? */
static size_t range_without_place(struct chain *chain, uint64_t now, uint64_t from,
				  const struct chain_record *records, size_t count, bool leader)
{
	uint64_t read = chain->fold.read.sequence;
	struct chain_entry entry;

	if (from != read && !(from == 0 && chain->probing && leader))
		return count + 1;
	if (!leader) {
		range_ask(chain, now, true);
	} else if (from && (!count || records[0].sequence != read)) {
		chain->probing = true;
		chain->calls->read(chain->owner, 0, true);
	} else if (count && records[0].sequence > read &&
		   chain_entry_read(records[0].bytes, &entry) == CHAIN_SOUND) {
		below_the_log(chain, now, &records[0], &entry);
	} else {
		mode_stop(chain, now);
	}
	return count + 1;
}

/* Is that the entry that was read last? */
static bool is_place(const struct chain *chain, const struct chain_record *record)
{
	struct chain_entry entry;
	uint64_t uid = UID_DAMAGED;

	if (record->sequence != chain->fold.read.sequence)
		return false;
	if (chain_entry_read(record->bytes, &entry) == CHAIN_SOUND)
		uid = entry.uid;
	return uid == chain->fold.read.uid;
}

/* The index of the first record that is to be read; beyond count: none is. */
static size_t range_begin(struct chain *chain, uint64_t now, uint64_t from,
			  const struct chain_record *records, size_t count, bool leader)
{
	uint64_t read = chain->fold.read.sequence;
	size_t i = 0;

	if (!read)
		return from ? count + 1 : range_opening(chain, now, records, count);
	if (from > read)
		return count + 1;
	while (i < count && records[i].sequence < read)
		i++;
	if (i < count && is_place(chain, &records[i]))
		return i + 1;
	if (!rule(chain, 11))
		return i < count && records[i].sequence == read ? i + 1 : i;
	return range_without_place(chain, now, from, records, count, leader);
}

/* These follow what was read last. */
static void range_rest(struct chain *chain, uint64_t now, const struct chain_record *records,
		       size_t count, bool end, bool leader)
{
	for (size_t i = 0; i < count; i++) {
		if (records[i].sequence > chain->fold.read.sequence)
			entry_consume(chain, now, &records[i]);
		if (chain->mode != CHAIN_RUN || chain->renewing || chain->blocked)
			return;
	}
	if (!end) {
		range_ask(chain, now, false);
		return;
	}
	chain->caught_up = chain->caught_up || leader;
	for (size_t i = 0; chain->again && i < chain->under_way_count; i++)
		if (chain->under_way[i].sent)
			chain->calls->append(chain->owner, chain->under_way[i].bytes);
	chain->again = false;
}

static void range_run(struct chain *chain, uint64_t now, uint64_t from,
		      const struct chain_record *records, size_t count, bool end, bool leader)
{
	size_t i = range_begin(chain, now, from, records, count, leader);

	if (i > count)
		return;
	if (from == 0 && leader && count)
		note_first(chain, records[0].sequence);
	chain->probing = false;
	range_rest(chain, now, i < count ? &records[i] : NULL, count - i, end, leader);
}

/* The log as it stands, while stopped or waiting for rows. */
static void range_follow(struct chain *chain, uint64_t now, uint64_t from,
			 const struct chain_record *records, size_t count, bool end, bool leader)
{
	size_t i = 0;

	if (from != chain->cursor.sequence)
		return;
	if (from) {
		struct chain_entry entry;
		bool there = count && records[0].sequence == from;
		uint64_t uid = UID_DAMAGED;

		if (there && chain_entry_read(records[0].bytes, &entry) == CHAIN_SOUND)
			uid = entry.uid;
		if (!there || uid != chain->cursor.uid) {
			if (!leader)
				return;
			chain->cursor = (struct chain_place){ 0, 0 };
			chain->tail = false;
			chain->since = now;
			range_ask(chain, now, true);
			return;
		}
		i = 1;
	}
	while (i < count && chain->mode != CHAIN_RUN) {
		entry_follow(chain, now, &records[i++]);
		if (chain->renewing || chain->blocked)
			return;
	}
	if (chain->mode == CHAIN_RUN) {
		range_rest(chain, now, i < count ? &records[i] : NULL, count - i, end, leader);
		return;
	}
	if (!end)
		range_ask(chain, now, true);
	else if (leader)
		chain->tail = true;
}

void chain_range(struct chain *chain, uint64_t now, uint64_t from,
		 const struct chain_record *records, size_t count, bool end, bool leader)
{
	if (chain->renewing)
		return;
	if (chain->mode == CHAIN_RUN)
		range_run(chain, now, from, records, count, end, leader);
	else
		range_follow(chain, now, from, records, count, end, leader);
	batches_judge(chain, now);
}

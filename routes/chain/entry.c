#include "routes/chain/entry.h"

#include "codecs/text/crc32c.h"
#include "routes/chain/bytes.h"

#define FRAME     5 /* size, version */
#define WRITER    7 /* where its node is */
#define CRC       4
#define FIXED     99 /* all but highs, gone, lines and checksum */
#define HIGH_SIZE 13
#define GONE_SIZE 5
#define LINE_HEAD 18

size_t chain_entry_size(const struct chain_entry *entry)
{
	return FIXED + entry->high_count * HIGH_SIZE + entry->gone_count * GONE_SIZE +
	       entry->lines.len + CRC;
}

static void put_node(unsigned char **to, struct chain_node node)
{
	put(to, node.number, 1);
	put(to, node.incarnation, 4);
}

static struct chain_node get_node(struct reading *from)
{
	struct chain_node node;

	node.number = (uint8_t)get(from, 1);
	node.incarnation = (uint32_t)get(from, 4);
	return node;
}

static void put_head(unsigned char **to, const struct chain_entry *entry)
{
	put(to, chain_entry_size(entry), 4);
	put(to, entry->version, 1);
	put(to, entry->kind, 1);
	put(to, entry->shard, 1);
	put_node(to, entry->writer);
	put(to, entry->epoch, 4);
	put(to, entry->uid, 8);
	put(to, entry->after, 8);
	put(to, entry->base, 8);
	put(to, entry->seen.sequence, 8);
	put(to, entry->seen.uid, 8);
	put(to, entry->gen, 8);
	put(to, entry->top, 8);
	put(to, entry->key, 4);
	put_node(to, entry->owner);
	put(to, entry->count, 8);
	put(to, entry->digest, 8);
}

void chain_entry_write(const struct chain_entry *entry, unsigned char *to)
{
	unsigned char *at = to;

	put_head(&at, entry);
	put(&at, entry->high_count, 1);
	for (size_t i = 0; i < entry->high_count; i++) {
		put_node(&at, entry->high[i].node);
		put(&at, entry->high[i].number, 8);
	}
	put(&at, entry->gone_count, 1);
	for (size_t i = 0; i < entry->gone_count; i++)
		put_node(&at, entry->gone[i]);
	put_bytes(&at, entry->lines);
	put(&at, crc32c(to, (size_t)(at - to)), CRC);
}

static void get_head(struct reading *from, struct chain_entry *entry)
{
	entry->kind = (enum chain_kind)get(from, 1);
	entry->shard = (unsigned)get(from, 1);
	entry->writer = get_node(from);
	entry->epoch = (uint32_t)get(from, 4);
	entry->uid = get(from, 8);
	entry->after = get(from, 8);
	entry->base = get(from, 8);
	entry->seen.sequence = get(from, 8);
	entry->seen.uid = get(from, 8);
	entry->gen = get(from, 8);
	entry->top = get(from, 8);
	entry->key = (uint32_t)get(from, 4);
	entry->owner = get_node(from);
	entry->count = get(from, 8);
	entry->digest = get(from, 8);
}

static bool get_lists(struct reading *from, struct chain_entry *entry)
{
	entry->high_count = (size_t)get(from, 1);
	if (entry->high_count > CHAIN_NODES)
		return false;
	for (size_t i = 0; i < entry->high_count; i++) {
		entry->high[i].node = get_node(from);
		entry->high[i].number = get(from, 8);
		if (entry->high[i].node.number >= CHAIN_NODES)
			return false;
	}
	entry->gone_count = (size_t)get(from, 1);
	if (entry->gone_count > CHAIN_NODES)
		return false;
	for (size_t i = 0; i < entry->gone_count; i++) {
		entry->gone[i] = get_node(from);
		if (entry->gone[i].number >= CHAIN_NODES)
			return false;
	}
	return true;
}

static bool lines_read(struct slice lines)
{
	struct chain_line line;

	while (lines.len)
		if (!chain_line_next(&lines, &line))
			return false;
	return true;
}

static bool entry_makes_sense(const struct chain_entry *entry)
{
	if (entry->shard >= ID_SHARDS || !entry->uid || entry->writer.number >= CHAIN_NODES)
		return false;
	if (entry->kind != CHAIN_BATCH)
		return entry->owner.number < CHAIN_NODES && !entry->lines.len;
	return lines_read(entry->lines);
}

enum chain_verdict chain_entry_read(struct slice bytes, struct chain_entry *entry)
{
	struct reading from = reading_of(bytes);
	size_t size = (size_t)get(&from, 4);
	unsigned version = (unsigned)get(&from, 1);
	struct reading crc;

	entry->version = 0;
	if (bytes.len < FRAME + CRC || size != bytes.len)
		return CHAIN_DAMAGED;
	crc = reading_of(slice_span(bytes.data + size - CRC, CRC));
	if (get(&crc, CRC) != crc32c(bytes.data, size - CRC))
		return CHAIN_DAMAGED;
	entry->version = version;
	if (version > CHAIN_VERSION)
		return CHAIN_NEWER;
	from.left = size - FRAME - CRC;
	get_head(&from, entry);
	if (get_lists(&from, entry) && !from.cut && entry->kind >= CHAIN_BATCH &&
	    entry->kind <= CHAIN_RESTORE) {
		entry->lines = get_bytes(&from, from.left);
		if (entry_makes_sense(entry))
			return CHAIN_SOUND;
	}
	entry->version = 0;
	return CHAIN_DAMAGED;
}

unsigned chain_entry_writer(struct slice bytes)
{
	struct reading from = reading_of(bytes);
	unsigned node;

	(void)get(&from, WRITER);
	node = (unsigned)get(&from, 1);
	return from.cut || node >= CHAIN_NODES ? CHAIN_NODE_NONE : node;
}

size_t chain_line_size(size_t len)
{
	return LINE_HEAD + len;
}

void chain_line_write(const struct chain_line *line, unsigned char *to)
{
	put(&to, line->kind, 1);
	put_node(&to, line->node);
	put(&to, line->number, 8);
	put(&to, line->bytes.len, 4);
	put_bytes(&to, line->bytes);
}

bool chain_line_next(struct slice *lines, struct chain_line *line)
{
	struct reading from = reading_of(*lines);

	if (!from.left)
		return false;
	line->kind = (enum chain_line_kind)get(&from, 1);
	line->node = get_node(&from);
	line->number = get(&from, 8);
	line->bytes = get_bytes(&from, (size_t)get(&from, 4));
	if (from.cut)
		return false;
	*lines = (struct slice){ (const char *)from.at, from.left };
	return true;
}

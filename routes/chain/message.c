#include "routes/chain/message.h"

#include "routes/chain/bytes.h"

#define BYTES_VERSION 1
#define DRAFT_HEAD    24
#define COPY_SIZE     16
#define BEATS_HEAD    (2 + 4 * CHAIN_NODES)

static size_t content_size(const struct chain_message *message)
{
	switch (message->kind) {
	case CHAIN_MESSAGE_BEAT: return BEATS_HEAD + message->beats.len;
	case CHAIN_MESSAGE_DRAFT: return DRAFT_HEAD + message->draft.body.len;
	case CHAIN_MESSAGE_COPY: return COPY_SIZE;
	}
	return 0;
}

size_t chain_message_size(const struct chain_message *message)
{
	return CHAIN_MESSAGE_HEAD + content_size(message);
}

void chain_message_write(const struct chain_message *message, unsigned char *to)
{
	put(&to, message->kind, 1);
	put(&to, BYTES_VERSION, 1);
	put(&to, message->shard, 1);
	put(&to, message->from.number, 1);
	put(&to, message->from.incarnation, 4);
	switch (message->kind) {
	case CHAIN_MESSAGE_BEAT:
		put(&to, message->version, 1);
		for (unsigned i = 0; i < CHAIN_NODES; i++)
			put(&to, message->newest[i], 4);
		put(&to, message->beats.len / CHAIN_BEAT_SIZE, 1);
		put_bytes(&to, message->beats);
		break;
	case CHAIN_MESSAGE_DRAFT:
		put(&to, message->draft.number, 8);
		put(&to, message->draft.base, 8);
		put(&to, message->draft.gen, 8);
		put_bytes(&to, message->draft.body);
		break;
	case CHAIN_MESSAGE_COPY:
		put(&to, message->copy.gen, 8);
		put(&to, message->copy.from, 8);
		break;
	}
}

static bool content_read(struct reading *from, struct chain_message *message)
{
	switch (message->kind) {
	case CHAIN_MESSAGE_BEAT:
		message->version = (unsigned)get(from, 1);
		for (unsigned i = 0; i < CHAIN_NODES; i++)
			message->newest[i] = (uint32_t)get(from, 4);
		message->beat_count = (size_t)get(from, 1);
		message->beats = get_bytes(from, message->beat_count * CHAIN_BEAT_SIZE);
		return !from->left;
	case CHAIN_MESSAGE_DRAFT:
		message->draft.node = message->from;
		message->draft.number = get(from, 8);
		message->draft.base = get(from, 8);
		message->draft.gen = get(from, 8);
		message->draft.body = get_bytes(from, from->left);
		return message->draft.body.len <= CHAIN_DRAFT_MAX;
	case CHAIN_MESSAGE_COPY:
		message->copy.gen = get(from, 8);
		message->copy.from = get(from, 8);
		return !from->left;
	}
	return false;
}

bool chain_message_read(struct slice bytes, struct chain_message *message)
{
	struct reading from = reading_of(bytes);

	message->kind = (enum chain_message_kind)get(&from, 1);
	if (get(&from, 1) != BYTES_VERSION)
		return false;
	message->shard = (unsigned)get(&from, 1);
	message->from.number = (uint8_t)get(&from, 1);
	message->from.incarnation = (uint32_t)get(&from, 4);
	if (from.cut || message->from.number >= CHAIN_NODES)
		return false;
	return content_read(&from, message) && !from.cut;
}

void chain_beat_write(const struct chain_beat *beat, unsigned char *to)
{
	put(&to, beat->shard, 1);
	put(&to, beat->mode, 1);
	put(&to, beat->place.sequence, 8);
	put(&to, beat->place.uid, 8);
	put(&to, beat->stored, 8);
	put(&to, beat->first, 8);
	put(&to, beat->gen, 8);
	put(&to, beat->count, 8);
	put(&to, beat->digest, 8);
	put(&to, beat->top, 8);
	put(&to, beat->epoch, 4);
}

bool chain_beat_next(struct slice *beats, struct chain_beat *beat)
{
	struct reading from = reading_of(*beats);

	if (!from.left)
		return false;
	beat->shard = (unsigned)get(&from, 1);
	beat->mode = (enum chain_mode)get(&from, 1);
	beat->place.sequence = get(&from, 8);
	beat->place.uid = get(&from, 8);
	beat->stored = get(&from, 8);
	beat->first = get(&from, 8);
	beat->gen = get(&from, 8);
	beat->count = get(&from, 8);
	beat->digest = get(&from, 8);
	beat->top = get(&from, 8);
	beat->epoch = (uint32_t)get(&from, 4);
	*beats = (struct slice){ (const char *)from.at, from.left };
	return !from.cut && beat->shard < ID_SHARDS && beat->mode <= CHAIN_COPY;
}

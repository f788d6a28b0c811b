#include <stdlib.h>
#include <string.h>

#include "codecs/text/crc32c.h"
#include "codecs/text/memory.h"
#include "routes/room/record_format.h"

/* Past the end, or at what record_write() does not write, it is bad and reads nothing more. */
struct reader {
	const unsigned char *at, *end;
	bool bad;
};

/* What is read before it is sealed. */
struct arrays {
	struct part *parts;
	struct reaction_count *reactions;
	uint64_t *removed, *addresses;
	struct record_file *files;
	struct record_more more;
	struct poll poll;
	struct target_note note;
};

static size_t left(const struct reader *r)
{
	return (size_t)(r->end - r->at);
}

static inline void need(struct reader *r, bool sound)
{
	if (!sound) {
		r->bad = true;
		r->at = r->end;
	}
}

static inline uint64_t get_number(struct reader *r, size_t bytes)
{
	uint64_t value = 0;

	need(r, left(r) >= bytes);
	if (r->bad)
		return 0;
	memcpy(&value, r->at, bytes);
	r->at += bytes;
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		value = __builtin_bswap64(value);
	return value;
}

static uint32_t get_short(struct reader *r)
{
	return (uint32_t)get_number(r, 4);
}

static struct slice get_bytes(struct reader *r, size_t len)
{
	struct slice bytes = { (const char *)r->at, len };

	need(r, left(r) >= len);
	if (r->bad)
		return (struct slice){ NULL, 0 };
	r->at += len;
	return bytes;
}

/* Present, if empty. */
static struct slice get_text(struct reader *r)
{
	return get_bytes(r, get_short(r));
}

static struct slice get_name(struct reader *r)
{
	struct slice name = get_text(r);

	return name.len ? name : (struct slice){ NULL, 0 };
}

static void get_person(struct reader *r, struct person *person)
{
	struct slice uuid;

	person->number = get_short(r);
	person->roles = get_short(r);
	uuid = get_bytes(r, sizeof(person->uuid));
	if (uuid.len)
		memcpy(person->uuid, uuid.data, sizeof(person->uuid));
	person->name = get_name(r);
}

/* How many follow, of at least so many bytes each. */
static size_t get_count(struct reader *r, size_t most, size_t bytes)
{
	size_t count = get_short(r);

	need(r, count > 0 && count <= most && count <= left(r) / bytes);
	return r->bad ? 0 : count;
}

static uint64_t *get_ids(struct reader *r, size_t most, size_t *count)
{
	size_t found = get_count(r, most, 8);
	uint64_t *ids = memory_new(found * sizeof(*ids));

	for (size_t i = 0; i < found; i++)
		ids[i] = get_number(r, 8);
	*count = found;
	return ids;
}

/* ---- groups ---- */

static void get_part(struct reader *r, struct part *part, struct slice *rest)
{
	uint64_t kind = get_number(r, 1), next = get_number(r, 1);
	size_t len;
	bool is_next;

	need(r, kind <= PART_IMAGE && next <= 1);
	part->kind = (enum part_kind)kind;
	part->x = (uint16_t)get_number(r, 2);
	part->y = (uint16_t)get_number(r, 2);
	part->number = get_short(r);
	len = get_short(r);
	if (next) {
		need(r, len <= rest->len);
		part->text = slice_span(rest->data, r->bad ? 0 : len);
	} else {
		part->text = get_bytes(r, len);
	}
	is_next = part->text.len <= rest->len &&
		  slice_equal(slice_span(rest->data, part->text.len), part->text);
	need(r, is_next == (next == 1));
	if (next && len && !r->bad)
		*rest = slice_span(rest->data + len, rest->len - len);
	part->name = get_name(r);
}

static void get_parts(struct reader *r, struct envelope *event, struct arrays *arrays)
{
	struct slice rest = event->text;

	event->part_count = get_count(r, ENVELOPE_PARTS_MAX, 18);
	arrays->parts = memory_zeroed(event->part_count, sizeof(*arrays->parts));
	event->parts = arrays->parts;
	for (size_t i = 0; i < event->part_count; i++)
		get_part(r, &arrays->parts[i], &rest);
}

static void get_reactions(struct reader *r, struct envelope *event, struct arrays *arrays)
{
	event->reaction_count = get_count(r, ENVELOPE_REACTIONS_MAX, 8);
	arrays->reactions = memory_zeroed(event->reaction_count, sizeof(*arrays->reactions));
	event->reactions = arrays->reactions;
	for (size_t i = 0; i < event->reaction_count; i++) {
		arrays->reactions[i].emoji = get_text(r);
		arrays->reactions[i].count = get_short(r);
	}
}

static void get_poll(struct reader *r, struct poll *poll)
{
	poll->question = get_text(r);
	poll->option_count = (uint32_t)get_count(r, POLL_OPTIONS_MAX, 8);
	for (size_t i = 0; i < poll->option_count; i++) {
		poll->options[i] = get_text(r);
		poll->counts[i] = get_short(r);
	}
	poll->voters = get_short(r);
	poll->duration_ms = get_number(r, 8);
	poll->ends_ms = get_number(r, 8);
}

static void get_seat(struct reader *r, struct record_seat *seat)
{
	seat->ref.worker = get_short(r);
	seat->ref.slot = get_short(r);
	seat->ref.generation = get_short(r);
	seat->form = get_short(r);
	seat->address = get_number(r, 8);
}

static void get_files(struct reader *r, struct arrays *arrays)
{
	arrays->more.file_count = get_count(r, RECORD_FILES_MAX, 20);
	arrays->files = memory_zeroed(arrays->more.file_count, sizeof(*arrays->files));
	arrays->more.files = arrays->files;
	for (size_t i = 0; i < arrays->more.file_count; i++) {
		arrays->files[i].url = get_name(r);
		arrays->files[i].media_type = get_name(r);
		arrays->files[i].name = get_name(r);
		arrays->files[i].size = get_number(r, 8);
	}
}

static void get_origin(struct reader *r, struct origin *origin)
{
	origin->dialect = get_name(r);
	origin->instance = get_name(r);
	origin->hops = get_short(r);
	need(r, origin->dialect.len || origin->instance.len || origin->hops);
}

static void get_event_group(struct reader *r, struct envelope *event, struct arrays *arrays,
			    enum record_group group)
{
	switch (group) {
	case GROUP_AUTHOR: get_person(r, &event->author); break;
	case GROUP_SUBJECT: get_person(r, &event->subject); break;
	case GROUP_ORIGIN: get_origin(r, &event->origin); break;
	case GROUP_TEXT: event->text = get_text(r); break;
	case GROUP_PARTS: get_parts(r, event, arrays); break;
	case GROUP_THREAD: event->thread = get_text(r); break;
	case GROUP_EXTRA: event->extra = get_text(r); break;
	case GROUP_TARGET: event->target = get_number(r, 8); break;
	case GROUP_NOTE:
		arrays->note.time_ms = get_number(r, 8);
		arrays->note.shown = get_number(r, 8);
		event->note = &arrays->note;
		break;
	case GROUP_CLIENT_TIME: event->client_time_ms = (int64_t)get_number(r, 8); break;
	case GROUP_DURATION: event->duration_ms = get_number(r, 8); break;
	case GROUP_REACTIONS: get_reactions(r, event, arrays); break;
	case GROUP_REMOVED:
		arrays->removed = get_ids(r, ENVELOPE_REMOVED_MAX, &event->removed_count);
		event->removed = arrays->removed;
		break;
	case GROUP_POLL:
		get_poll(r, &arrays->poll);
		event->poll = &arrays->poll;
		break;
	default: need(r, false); break;
	}
}

static void get_group(struct reader *r, struct record *record, struct envelope *event,
		      struct arrays *arrays, enum record_group group)
{
	struct record_aside *aside = &record->aside;

	switch (group) {
	case GROUP_WRITER: get_person(r, &aside->writer); break;
	case GROUP_SEAT: get_seat(r, &record->seat); break;
	case GROUP_VOTE:
		aside->voter = get_short(r);
		aside->choice = get_short(r);
		break;
	case GROUP_UNTIL: aside->until_ms = get_number(r, 8); break;
	case GROUP_ADDRESSES:
		arrays->addresses = get_ids(r, RECORD_ADDRESSES_MAX, &aside->address_count);
		aside->addresses = arrays->addresses;
		break;
	case GROUP_ABOUT: aside->about = get_number(r, 8); break;
	case GROUP_REPLY:
		arrays->more.reply_to = get_number(r, 8);
		get_person(r, &arrays->more.reply_author);
		break;
	case GROUP_FILES: get_files(r, arrays); break;
	case GROUP_AVATAR: arrays->more.avatar = get_name(r); break;
	case GROUP_DISPLAY: arrays->more.display = get_name(r); break;
	default: get_event_group(r, event, arrays, group); break;
	}
}

/* ---- a record ---- */

static enum envelope_kind kind_of_event(const struct record *record)
{
	switch (record->kind) {
	case RECORD_SEAT: return KIND_ENTER;
	case RECORD_PARDON: return KIND_USER_UPDATE;
	default: return KIND_EXIT;
	}
}

/* What its kind and its event's kind say together. */
static bool is_one(const struct record *record, const struct envelope *event)
{
	if (record->kind != RECORD_EVENT)
		return event->kind == kind_of_event(record);
	return event->kind == KIND_INVITE ||
	       (envelope_has_place(event) && event->kind != KIND_ENTER && event->kind != KIND_EXIT);
}

static void get_record(struct reader *r, struct record *record, struct envelope *event,
		       struct arrays *arrays)
{
	uint64_t kind, bits;
	uint32_t groups;

	record->kind = (enum record_kind)get_number(r, 1);
	kind = get_number(r, 1);
	need(r, kind < ENVELOPE_KINDS);
	event->kind = (enum envelope_kind)kind;
	bits = get_number(r, 1);
	need(r, (bits & ~(uint64_t)RECORD_BITS) == 0);
	record->aside.keep = bits & RECORD_BIT_KEEP;
	record->aside.present = bits & RECORD_BIT_PRESENT;
	record->aside.own = bits & RECORD_BIT_OWN;
	record->aside.unbans = bits & RECORD_BIT_UNBANS;
	record->aside.unmutes = bits & RECORD_BIT_UNMUTES;
	record->number = get_number(r, 8);
	event->id = get_number(r, 8);
	event->sequence = get_number(r, 8);
	event->time_ms = get_number(r, 8);
	event->flags = get_short(r);
	groups = get_short(r);
	event->room = get_text(r);
	for (uint32_t more = groups; more && !r->bad; more &= more - 1)
		get_group(r, record, event, arrays, (enum record_group)__builtin_ctz(more));
	need(r, left(r) == 0);
	record->event = event;
	if (groups >> GROUP_REPLY)
		record->more = &arrays->more;
	need(r, !r->bad && is_one(record, event) && record_groups(record) == groups);
}

static bool is_known(const unsigned char *bytes)
{
	return bytes[4] == RECORD_VERSION && bytes[5] >= RECORD_EVENT && bytes[5] <= RECORD_PARDON;
}

static bool is_whole(struct slice bytes)
{
	struct reader end = { (const unsigned char *)bytes.data + bytes.len - RECORD_CRC,
			      (const unsigned char *)bytes.data + bytes.len, false };

	return get_number(&end, RECORD_CRC) == crc32c(bytes.data, bytes.len - RECORD_CRC);
}

/* Takes over what is not copied. */
static void record_keep(struct record *record, struct arrays *arrays)
{
	struct record_more *more;

	record->event = envelope_seal(record->event);
	arrays->addresses = NULL;
	if (!record->more)
		return;
	more = memory_new(sizeof(*more));
	*more = arrays->more;
	arrays->files = NULL;
	record->more = more;
}

static void arrays_free(struct arrays *arrays)
{
	free(arrays->parts);
	free(arrays->reactions);
	free(arrays->removed);
	free(arrays->addresses);
	free(arrays->files);
}

size_t record_first(struct slice block)
{
	struct reader r;
	size_t size;

	if (block.len < RECORD_SIZE_MIN)
		return 0;
	r = (struct reader){ (const unsigned char *)block.data,
			     (const unsigned char *)block.data + block.len, false };
	size = get_short(&r);
	return size >= RECORD_SIZE_MIN && size <= RECORD_SIZE_MAX && size <= block.len ? size : 0;
}

enum record_verdict record_read(struct slice bytes, struct record *record)
{
	struct record found = { .number = 0 };
	struct envelope event = { .id = 0 };
	struct arrays arrays = { .parts = NULL };
	struct reader r;

	if (bytes.len == 0 || record_first(bytes) != bytes.len || !is_whole(bytes))
		return RECORD_DAMAGED;
	r.at = (const unsigned char *)bytes.data + 5;
	r.end = (const unsigned char *)bytes.data + bytes.len - RECORD_CRC;
	r.bad = false;
	if (!is_known((const unsigned char *)bytes.data))
		return RECORD_UNKNOWN;
	get_record(&r, &found, &event, &arrays);
	if (!r.bad) {
		record_keep(&found, &arrays);
		*record = found;
	}
	arrays_free(&arrays);
	return r.bad ? RECORD_DAMAGED : RECORD_SOUND;
}

static void get_said(struct reader *r, struct record_said *said)
{
	struct person writer = { .number = 0 };
	uint32_t groups;

	said->keep = get_number(r, 1) & RECORD_BIT_KEEP;
	(void)get_number(r, 8);
	said->id = get_number(r, 8);
	(void)get_number(r, 8);
	said->time_ms = get_number(r, 8);
	said->flags = get_short(r);
	groups = get_short(r);
	said->room = get_text(r);
	if (groups >> GROUP_AUTHOR & 1)
		get_person(r, &said->writer);
	if (groups >> GROUP_SUBJECT & 1)
		get_person(r, &writer);
	if (groups >> GROUP_WRITER & 1)
		get_person(r, &writer);
	else
		return;
	if (writer.number || writer.name.len)
		said->writer = writer;
}

bool record_read_said(struct slice bytes, struct record_said *said)
{
	const unsigned char *at = (const unsigned char *)bytes.data;
	struct reader r;

	if (bytes.len == 0 || record_first(bytes) != bytes.len || at[4] != RECORD_VERSION ||
	    at[5] != RECORD_EVENT || at[6] != KIND_MESSAGE || !is_whole(bytes))
		return false;
	*said = (struct record_said){ .id = 0 };
	r = (struct reader){ at + 7, at + bytes.len - RECORD_CRC, false };
	get_said(&r, said);
	return !r.bad;
}

void record_clear(struct record *record)
{
	struct record_more *more = (struct record_more *)(uintptr_t)record->more;

	envelope_release(record->event);
	free((void *)(uintptr_t)record->aside.addresses);
	if (more)
		free((void *)(uintptr_t)more->files);
	free(more);
	*record = (struct record){ .number = 0 };
}

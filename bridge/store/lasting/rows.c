#include "bridge/store/lasting/rows.h"

#include <stdio.h>
#include <string.h>

#include "bridge/store/lasting/token_rows.h"
#include "bridge/store/sqlite/room_numbers.h"
#include "bridge/store/sqlite/statement.h"

#define ADDRESS_BYTES 8

/* ---- writing ---- */

static bool person_set(struct database *database, const struct lasting_person *person)
{
	struct binding set = bind_start(database, SQL_PERSON_SET, TABLE_PERSON);
	char buffer[NAME_FOLDED_MAX];
	struct slice folded = slice_span(buffer, name_fold(slice_of(person->name), buffer));

	bind_number(&set, person->number);
	bind_text(&set, folded);
	bind_text(&set, slice_of(person->name));
	bind_text(&set, slice_of(person->hash));
	bind_number(&set, person->roles);
	bind_number(&set, person->seen_ms);
	bind_crc(&set);
	return bind_run(&set, NULL);
}

static bool person_gone(struct database *database, uint32_t number)
{
	struct binding gone = bind_start(database, SQL_ERASE_PERSON, TABLE_PERSON);

	bind_number(&gone, number);
	return bind_run(&gone, NULL);
}

/* Of who is gone by now, nothing is written. */
static bool seen_set(struct database *database, const struct lasting *lasting)
{
	bool done = true;

	for (size_t i = 0; i < lasting->seen_count && done; i++) {
		struct binding seen = bind_start(database, SQL_PERSON_SEEN, TABLE_PERSON);

		bind_number(&seen, lasting->seen[i].number);
		bind_number(&seen, lasting->seen[i].seen_ms);
		done = bind_run(&seen, NULL);
	}
	return done;
}

static struct slice addresses_pack(const struct lasting_ban *ban, unsigned char *bytes)
{
	for (size_t i = 0; i < ban->address_count; i++)
		for (size_t b = 0; b < ADDRESS_BYTES; b++)
			bytes[ADDRESS_BYTES * i + b] = (unsigned char)(ban->addresses[i] >> 8 * b);
	return slice_span((const char *)bytes, ADDRESS_BYTES * ban->address_count);
}

static bool bans_over(struct database *database, uint64_t now_ms)
{
	struct binding over = bind_start(database, SQL_BANS_OVER, TABLE_SERVER_BAN);

	bind_number(&over, now_ms);
	return bind_run(&over, NULL);
}

static bool ban_set(struct database *database, const struct lasting_ban *ban)
{
	struct binding set = bind_start(database, SQL_BAN_SET, TABLE_SERVER_BAN);
	unsigned char bytes[ADDRESS_BYTES * LASTING_ADDRESSES_MAX];

	bind_text(&set, slice_of(ban->key));
	bind_text(&set, slice_of(ban->target));
	bind_number(&set, ban->number);
	bind_text(&set, slice_span(ban->folded, ban->folded_len));
	bind_blob(&set, addresses_pack(ban, bytes));
	bind_number(&set, ban->since_ms);
	bind_number(&set, ban->until_ms);
	bind_text(&set, slice_of(ban->reason));
	bind_crc(&set);
	return bind_run(&set, NULL);
}

static bool ban_lift(struct database *database, const char *key)
{
	struct binding lift = bind_start(database, SQL_BAN_LIFT, TABLE_SERVER_BAN);

	bind_text(&lift, slice_of(key));
	return bind_run(&lift, NULL);
}

static bool room_forget(struct database *database, uint64_t room)
{
	static const enum statement ends[] = { SQL_MARKS_END, SQL_POLL_END, SQL_VOTES_END };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct binding end = bind_start(database, ends[i], 0);

		bind_number(&end, room);
		if (!bind_run(&end, NULL))
			return false;
	}
	return true;
}

static bool room_set(struct database *database, const struct lasting *lasting)
{
	uint64_t number = database_room(database, slice_of(lasting->room));
	struct binding set;

	if (!number || (lasting->forgets && !room_forget(database, number)))
		return false;
	set = bind_start(database, SQL_ROOM_SETTINGS, 0);
	bind_number(&set, number);
	if (lasting->settings[0])
		bind_text(&set, slice_of(lasting->settings));
	else
		bind_blob(&set, (struct slice){ 0 });
	return bind_run(&set, NULL);
}

static bool keep_kind(struct database *database, const struct lasting *lasting)
{
	switch (lasting->kind) {
	case LASTING_PERSON: return person_set(database, &lasting->person);
	case LASTING_PERSON_GONE: return person_gone(database, lasting->person.number);
	case LASTING_SEEN: return seen_set(database, lasting);
	case LASTING_BAN:
		return bans_over(database, lasting->now_ms) && ban_set(database, &lasting->ban);
	case LASTING_BAN_GONE: return ban_lift(database, lasting->ban.key);
	case LASTING_ROOM: return room_set(database, lasting);
	case LASTING_TOKENS: return database_tokens_keep(database, &lasting->tokens);
	case LASTING_NUMBER: return true;
	}
	return false;
}

bool database_keep(struct database *database, const struct lasting *lasting)
{
	return keep_kind(database, lasting) &&
	       (!lasting->number || database_number_set(database, lasting->number, lasting->value));
}

bool lasting_erases(const struct lasting *lasting)
{
	return lasting->kind == LASTING_PERSON || lasting->tokens.gone_count > 0 ||
	       lasting->forgets || lasting->kind == LASTING_PERSON_GONE ||
	       lasting->kind == LASTING_BAN_GONE;
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

static bool person_out(const struct row_values *row, struct lasting_person *person)
{
	*person = (struct lasting_person){ .number = (uint32_t)value_number(row, 0),
					   .roles = (uint32_t)value_number(row, 4),
					   .seen_ms = value_number(row, 5) };
	return person->number > 0 && row->at[2].bytes.len > 0 &&
	       text_out(person->name, sizeof(person->name), row->at[2].bytes) &&
	       text_out(person->hash, sizeof(person->hash), row->at[3].bytes) &&
	       !password_hash_fault(person->hash);
}

static void addresses_out(struct slice bytes, struct lasting_ban *ban)
{
	ban->address_count = bytes.len / ADDRESS_BYTES;
	for (size_t i = 0; i < ban->address_count; i++)
		for (size_t b = 0; b < ADDRESS_BYTES; b++)
			ban->addresses[i] |=
			    (uint64_t)(unsigned char)bytes.data[ADDRESS_BYTES * i + b] << 8 * b;
}

static bool ban_out(const struct row_values *row, struct lasting_ban *ban)
{
	struct slice folded = row->at[3].bytes, addresses = row->at[4].bytes;

	*ban = (struct lasting_ban){ .number = (uint32_t)value_number(row, 2),
				     .folded_len = folded.len,
				     .since_ms = value_number(row, 5),
				     .until_ms = value_number(row, 6) };
	if (folded.len > sizeof(ban->folded) ||
	    addresses.len > ADDRESS_BYTES * LASTING_ADDRESSES_MAX ||
	    !text_out(ban->key, sizeof(ban->key), row->at[0].bytes) ||
	    !text_out(ban->target, sizeof(ban->target), row->at[1].bytes) ||
	    !text_out(ban->reason, sizeof(ban->reason), row->at[7].bytes))
		return false;
	memcpy(ban->folded, folded.data, folded.len);
	addresses_out(addresses, ban);
	return true;
}

static bool people_read(struct database *database, const struct lasting_sink *sink)
{
	struct binding row = bind_start(database, SQL_PEOPLE, TABLE_PERSON);
	struct lasting_person person;
	struct row_values values;

	while (bind_step(&row))
		if (row_read(&row, TABLE_PERSON, &values) && person_out(&values, &person))
			sink->person(sink->context, &person);
		else
			sink->damaged(sink->context, "person", value_number(&values, 0));
	return database->fault == FAULT_NONE;
}

static bool bans_read(struct database *database, const struct lasting_sink *sink)
{
	struct binding row = bind_start(database, SQL_BANS, TABLE_SERVER_BAN);
	struct row_values values;
	struct lasting_ban ban;

	while (bind_step(&row))
		if (row_read(&row, TABLE_SERVER_BAN, &values) && ban_out(&values, &ban))
			sink->ban(sink->context, &ban);
		else
			sink->damaged(sink->context, "server_ban", value_number(&values, 2));
	return database->fault == FAULT_NONE;
}

static bool rooms_read(struct database *database, const struct lasting_sink *sink)
{
	struct binding row = bind_start(database, SQL_ROOMS, TABLE_ROOM);
	struct row_values values;

	while (bind_step(&row))
		if (!row_read(&row, TABLE_ROOM, &values))
			sink->damaged(sink->context, "room", value_number(&values, 0));
		else if (values.at[3].bytes.data)
			sink->room(sink->context, values.at[3].bytes);
	return database->fault == FAULT_NONE;
}

bool database_lasting(struct database *database, const struct lasting_sink *sink)
{
	bool done = database_begin(database) && (!sink->person || people_read(database, sink)) &&
		    (!sink->ban || bans_read(database, sink)) &&
		    (!sink->room || rooms_read(database, sink));

	database_rollback(database);
	return done;
}

#include "tests/support/cast.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/core/directory.h"
#include "codecs/model/identity.h"
#include "codecs/registry.h"
#include "tests/support/dialects.h"

static size_t print_number(char out[PATTERN_VALUE_MAX], uint64_t number)
{
	return (size_t)snprintf(out, PATTERN_VALUE_MAX, "%" PRIu64, number);
}

static size_t print_uuid(const struct cast *cast, enum id_domain domain, uint64_t number,
			 char out[PATTERN_VALUE_MAX])
{
	unsigned char uuid[16];

	identity_uuid(&cast->stage->bridge->key, domain, number, 0, uuid);
	uuid_print(uuid, out);
	return UUID_TEXT_LEN;
}

static size_t print_text(char out[PATTERN_VALUE_MAX], struct slice text)
{
	memcpy(out, text.data, text.len);
	return text.len;
}

static size_t print_either(const struct cast *cast, bool uuid, enum id_domain domain,
			   uint64_t number, char out[PATTERN_VALUE_MAX])
{
	return uuid ? print_uuid(cast, domain, number, out) : print_number(out, number);
}

bool cast_id(const struct cast *cast, struct slice name, uint64_t *id)
{
	for (size_t i = 0; i < cast->id_count; i++) {
		if (!slice_is(name, cast->ids[i].name))
			continue;
		*id = cast->ids[i].id;
		return true;
	}
	return false;
}

static bool person_find(const struct cast *cast, struct slice name, uint32_t *number)
{
	*number = BRIDGE_NUMBER;
	if (slice_is(name, "bridge"))
		return true;
	for (const struct stage_client *c = cast->stage->clients; c; c = c->next) {
		*number = c->number;
		if (slice_is(name, c->name) && c->number)
			return true;
	}
	return false;
}

static struct slice room_uuid(const struct cast *cast, struct slice name)
{
	for (size_t i = 0; i < room_table_count(cast->stage->bridge->rooms); i++)
		if (slice_equal(name, room_table_at(cast->stage->bridge->rooms, i)->rules.name))
			return room_view(room_table_at(cast->stage->bridge->rooms, i),
					 DIALECT_ROOMS)
			    ->room_id;
	return (struct slice){ NULL, 0 };
}

/* Cuts ".uuid" off. */
static bool is_uuid(struct slice *name)
{
	if (name->len <= 5 || memcmp(name->data + name->len - 5, ".uuid", 5) != 0)
		return false;
	name->len -= 5;
	return true;
}

static size_t cast_value(struct pattern_names *names, struct slice name,
			 char out[PATTERN_VALUE_MAX])
{
	struct cast *cast = (struct cast *)names;
	bool uuid = is_uuid(&name);
	uint32_t person;
	uint64_t id;

	if (slice_is(name, "now"))
		return print_number(out, cast->at_ms);
	if (slice_is(name, "now_s"))
		return print_number(out, cast->at_ms / 1000);
	if (slice_is(name, "i"))
		return print_number(out, cast->count);
	if (slice_is(name, "instance"))
		return print_text(out, slice_of(cast->stage->bridge->instance));
	if (person_find(cast, name, &person))
		return print_either(cast, uuid, ID_PERSON, person, out);
	if (uuid && room_uuid(cast, name).len)
		return print_text(out, room_uuid(cast, name));
	if (cast_id(cast, name, &id))
		return print_either(cast, uuid, ID_MESSAGE, id, out);
	return 0;
}

/* m1, m2, ...; of what a backend is sent also q1, e1: any other unknown name is a slip of the pen.
 */
static bool is_learnable(struct slice name)
{
	return name.len >= 2 && name.len < sizeof(((struct cast *)0)->ids[0].name) &&
	       strchr("mqe", name.data[0]) && name.data[1] >= '0' && name.data[1] <= '9';
}

static bool cast_learn(struct pattern_names *names, struct slice name, struct slice found)
{
	struct cast *cast = (struct cast *)names;
	unsigned char uuid[16];
	uint64_t id;

	if (is_uuid(&name)) {
		if (!uuid_parse(found, uuid) ||
		    !identity_number(&cast->stage->bridge->key, ID_MESSAGE, uuid, &id))
			return false;
	} else {
		id = strtoull(found.data, NULL, 10);
	}
	if (id == 0 || id > NUMBER_MAX || cast->id_count == CAST_IDS_MAX || !is_learnable(name))
		return false;
	memcpy(cast->ids[cast->id_count].name, name.data, name.len);
	cast->ids[cast->id_count].name[name.len] = '\0';
	cast->ids[cast->id_count++].id = id;
	return true;
}

void cast_init(struct cast *cast, const struct stage *stage)
{
	*cast =
	    (struct cast){ .names = { .value = cast_value, .learn = cast_learn }, .stage = stage };
}

#include "bridge/command/tried/author.h"

#include "bridge/core/directory.h"

#define EXAMPLE_USER GUEST_NUMBER_FIRST
#define ROLES_MOST   32 /* a bit each */

static const char *const author_keys[] = { "name", "number", "uuid", "roles", NULL };

static void list_roles(const char *names[ROLES_MOST + 1])
{
	size_t count = 0;

	for (uint32_t role = 1; role; role <<= 1)
		if (person_role_name(role))
			names[count++] = person_role_name(role);
	names[count] = NULL;
}

bool attempt_roles(struct attempt *r, struct json_value list, uint32_t *roles)
{
	const char *names[ROLES_MOST + 1];
	struct json_value item;
	size_t cursor = 0;

	list_roles(names);
	if (list.type != JSON_ABSENT && list.type != JSON_ARRAY)
		return attempt_wrong(r, "\"roles\" is not a list");
	while (json_item(list, &cursor, &item)) {
		struct slice name = attempt_text(r, item);

		if (!attempt_knows(name, names))
			return attempt_unknown(r, "role", name, names);
		*roles |= person_role_find(name);
	}
	return true;
}

bool attempt_author(struct attempt *r)
{
	struct json_object object;
	uint64_t number = 0;
	bool given;

	if (!attempt_object(r, "author", author_keys, &object, &given))
		return false;
	if (given && json_member(&object, "name").type != JSON_ABSENT &&
	    !attempt_word(r, &object, "name", &r->author_name))
		return false;
	if (!attempt_number(r, json_member(&object, "number"), "number", INT32_MAX, &number))
		return false;
	r->event.author.number = (uint32_t)number;
	return attempt_roles(r, json_member(&object, "roles"), &r->roles);
}

/* A backend speaks under its own names; who it is may be seen by that. */
static void author_of_backend(struct attempt *r)
{
	const struct conf *conf = r->bridge->conf;

	for (size_t i = 0; r->out->backend == SIZE_MAX && i < conf->backend_count; i++)
		for (size_t n = 0; n < conf->backends[i].speaks_as.count; n++)
			if (slice_is(r->author_name, conf->backends[i].speaks_as.items[n]))
				r->out->backend = i;
	if (r->out->backend == SIZE_MAX)
		return;
	r->event.origin.instance = slice_of(conf->backends[r->out->backend].name);
	if (!r->author_name.data && conf->backends[r->out->backend].speaks_as.count)
		r->author_name = slice_of(conf->backends[r->out->backend].speaks_as.items[0]);
}

/* Who has an account's name or number elsewhere is not that person. */
static bool author_known(struct attempt *r, struct slice name, struct person *who)
{
	struct directory *directory = r->bridge->directory;

	if (r->out->origin == ROUTE_FROM_UPSTREAM)
		return false;
	return name.len ? directory_find_name(directory, name, who, r->name)
			: directory_find_number(directory, r->event.author.number, who, r->name);
}

/* Accounts, and the names that backends speak under, are known; others are guests. */
static bool author_find(struct attempt *r)
{
	struct person *author = &r->event.author, who;
	char clean[NAME_BYTES_MAX];
	size_t len = name_clean(r->author_name, clean);

	if (r->author_name.data && len == 0)
		return attempt_wrong(r, "the author's name is not a valid name");
	if (author_known(r, slice_span(clean, len), &who)) {
		who.number = author->number ? author->number : who.number;
		*author = who;
		return true;
	}
	memcpy(r->name, len ? clean : "somebody", len ? len : strlen("somebody"));
	author->name = slice_span(r->name, len ? len : strlen("somebody"));
	author->roles = ROLE_USER;
	if (!author->number)
		author->number = EXAMPLE_USER;
	return true;
}

/* Roles are those in the room. */
static void author_roles(struct attempt *r)
{
	const struct room_rules *rules = &r->out->room->rules;
	struct person *author = &r->event.author;

	if (r->roles) {
		author->roles = r->roles | ROLE_USER;
		return;
	}
	for (size_t i = 0; r->out->origin != ROUTE_FROM_UPSTREAM && i < rules->admin_count; i++)
		if (name_same(rules->admins[i], author->name))
			author->roles |= ROLE_MOD;
}

bool attempt_author_complete(struct attempt *r)
{
	struct person *author = &r->event.author;

	if (r->out->origin == ROUTE_FROM_BACKEND)
		author_of_backend(r);
	if (r->event.kind == KIND_NOTICE)
		return true; /* the server speaks */
	if (r->out->origin == ROUTE_FROM_BACKEND && !r->author_name.data && !author->number)
		*author = directory_bridge(&r->bridge->key);
	else if (!author_find(r))
		return false;
	author_roles(r);
	identity_uuid(&r->bridge->key, ID_PERSON, author->number, 0, author->uuid);
	return true;
}

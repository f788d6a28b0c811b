#include <string.h>

#include "bridge/admin/control/verbs/verbs.h"

/* ---- groups ---- */

const struct verb_group verb_groups[] = {
	{ "upstreams", "upstreams: pause, resume" },
	{ "room", "rooms made at run time: add, remove" },
	{ "accounts", "accounts made at run time: list, add, passwd, role, remove" },
	{ "tokens", "bearer tokens that the server issued: list, add, revoke" },
};

const size_t verb_group_count = sizeof(verb_groups) / sizeof(verb_groups[0]);

const struct verb_group *verb_group_find(const char *name)
{
	for (size_t i = 0; i < verb_group_count; i++)
		if (strcmp(verb_groups[i].name, name) == 0)
			return &verb_groups[i];
	return NULL;
}

const struct admin_verb *verb_group_own(const struct verb_group *group)
{
	return admin_verb_find(group->name);
}

const struct verb_group *verb_group_of(const struct admin_verb *verb)
{
	size_t len = strcspn(verb->name, " ");

	for (size_t i = 0; verb->name[len] && i < verb_group_count; i++)
		if (strlen(verb_groups[i].name) == len &&
		    strncmp(verb_groups[i].name, verb->name, len) == 0)
			return &verb_groups[i];
	return NULL;
}

const char *verb_own_name(const struct admin_verb *verb)
{
	const char *space = strchr(verb->name, ' ');

	return space ? space + 1 : verb->name;
}

const struct admin_verb *verb_of_group(const struct verb_group *group, const char *name)
{
	for (size_t i = 0; i < admin_verb_count; i++)
		if (verb_group_of(&admin_verbs[i]) == group &&
		    strcmp(verb_own_name(&admin_verbs[i]), name) == 0)
			return &admin_verbs[i];
	return NULL;
}

size_t verb_argument_count(const struct admin_verb *verb)
{
	size_t count = 0;

	while (count < VERB_ARGUMENTS_MAX && verb->arguments[count].name)
		count++;
	return count;
}
